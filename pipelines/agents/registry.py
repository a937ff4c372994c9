"""Every agent. A new one is a folder and a line here."""

from collections.abc import Mapping

from pipelines.agents.bdr.agent import BDR
from pipelines.agents.conversation.agent import CONVERSATION
from pipelines.agents.definition import AgentDefinition
from pipelines.agents.enrichment.agent import ENRICHMENT
from pipelines.agents.growth.agent import GROWTH
from pipelines.agents.marketing.agent import MARKETING
from pipelines.agents.qualification.agent import QUALIFICATION
from pipelines.agents.refine.agent import REFINE
from pipelines.agents.research.agent import RESEARCH

AGENTS: Mapping[str, AgentDefinition] = {
    agent.name: agent for agent in (QUALIFICATION, ENRICHMENT, GROWTH, MARKETING, BDR, CONVERSATION, RESEARCH, REFINE)
}
