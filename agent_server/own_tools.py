"""The tools every conversation of this server has, whatever a client adds."""

from collections.abc import Mapping

from agent_server.settings import Settings
from pipelines.knowledge.index import load_knowledge
from pipelines.tools.outcomes import conversation_tools
from pipelines.tools.port import Tool
from storage.database import Database
from storage.outcomes import Outcomes


def own_tools(settings: Settings, database: Database) -> Mapping[str, Tool]:
    """By name. The operator's knowledge file is what ``search_knowledge`` looks into."""
    file = settings.process.knowledge_file
    knowledge = load_knowledge() if file is None else load_knowledge(file)
    return conversation_tools(Outcomes(database), knowledge)
