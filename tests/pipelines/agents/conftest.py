"""The agents' tests: fake_gateway and agent_world are found beside this file."""
