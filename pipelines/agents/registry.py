"""Every agent. A new one is a folder and a line here."""

from collections.abc import Mapping

from pipelines.agents.definition import AgentDefinition
from pipelines.agents.qualification.agent import QUALIFICATION

AGENTS: Mapping[str, AgentDefinition] = {agent.name: agent for agent in (QUALIFICATION,)}
