"""What the agent is told of its task when the client says nothing else."""

from agent_server.realtime.session_object import DEFAULT_INSTRUCTIONS


def default_instructions(agent_name: str, company_name: str) -> str:
    """The instructions a session starts from, with the names the operator gave."""
    facts = []
    if agent_name:
        facts.append(f"Your name is {agent_name}.")
    if company_name:
        facts.append(f"You speak for {company_name}.")
    return " ".join([DEFAULT_INSTRUCTIONS, *facts])
