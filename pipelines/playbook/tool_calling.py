"""Which of a client's tools a text asks for: by the words of its name, description and parameters. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from pipelines.intent.labels import IntentLabel
from pipelines.knowledge.analysis.english import terms
from pipelines.llm.port import ChatRequest, NamedTool, ToolSpec
from pipelines.playbook.schema_filling import words_of
from pipelines.playbook.tools import LOOKING_UP, SERVER_TOOL_NAMES
from pipelines.playbook.understanding import Understanding

CLEAR_MATCH: Final = 2.0
"""Least score for calling a tool unasked: one word of its name, or two of its description."""

SURE_MATCH: Final = 3.0
"""The same for a text that rather answers a question of the agent's."""

NAME_WEIGHT: Final = 2.0
DESCRIPTION_WEIGHT: Final = 1.0
PARAMETER_WEIGHT: Final = 0.5

_NEVER_A_TOOL: Final[frozenset[IntentLabel]] = frozenset({"opt_out", "are_you_a_bot", "repeat", "wait"})
_ASKING: Final[frozenset[IntentLabel]] = frozenset(
    {"other", "product_question", "pricing", "booking", "reschedule", "wants_person"}
)
_VERBS: Final = frozenset(
    "get set find fetch look lookup show list read create make do run call use check update add new tool function api"
    " user return current given provide allow retrieve data value name string type number id caller customer client"
    " agent assistant".split()
)
"""Words that say nothing about what a tool is for."""


class Vocabulary(Struct, frozen=True):
    """A tool's telling words, by where they stand."""

    name: frozenset[str]
    description: frozenset[str]
    parameters: frozenset[str]


def choose_tool(request: ChatRequest, latest: Understanding | None, called: frozenset[str]) -> ToolSpec | None:
    """The tool to call now: the one that is forced, else a client's tool that clearly fits what the caller said.

    Tools of the server are the policy's to call. A tool in ``called`` has been called for this text already.
    """
    if request.tool_choice == "none" or not request.tools:
        return None
    if isinstance(request.tool_choice, NamedTool):
        name = request.tool_choice.name
        return next((tool for tool in request.tools if tool.name == name and name not in called), None)
    text = latest.text if latest is not None else ""
    others = SERVER_TOOL_NAMES | LOOKING_UP | called
    clients = [tool for tool in request.tools if tool.name not in others]
    if request.tool_choice == "required":
        return None if called else _best(clients or request.tools, text)[1]
    if latest is None or latest.intent in _NEVER_A_TOOL:
        return None
    score, tool = _best(clients, text)
    return tool if score >= (CLEAR_MATCH if latest.asks or latest.intent in _ASKING else SURE_MATCH) else None


def _best(tools: Sequence[ToolSpec], text: str) -> tuple[float, ToolSpec | None]:
    asked = frozenset(terms(text)) - _VERBS
    best: tuple[float, ToolSpec | None] = (0.0, tools[0] if tools else None)
    for tool in tools:
        score = _score(_vocabulary(tool.name, tool.description, _parameter_words(tool.parameters)), asked)
        if score > best[0]:
            best = (score, tool)
    return best


def _score(vocabulary: Vocabulary, asked: frozenset[str]) -> float:
    by_name = asked & vocabulary.name
    by_description = (asked & vocabulary.description) - by_name
    by_parameters = (asked & vocabulary.parameters) - by_name - by_description
    return NAME_WEIGHT * len(by_name) + DESCRIPTION_WEIGHT * len(by_description) + PARAMETER_WEIGHT * len(by_parameters)


def _parameter_words(parameters: dict[str, Any]) -> str:
    """Names, descriptions and choices of the parameters, as one text."""
    properties = parameters.get("properties")
    if not isinstance(properties, dict):
        return ""
    parts: list[str] = []
    for name, spec in properties.items():
        parts.extend(words_of(str(name)))
        if isinstance(spec, dict):
            parts.append(str(spec.get("description", "")))
            parts.extend(str(choice) for choice in spec.get("enum") or ())
    return " ".join(parts)


@lru_cache(maxsize=512)
def _vocabulary(name: str, description: str, parameters: str) -> Vocabulary:
    return Vocabulary(
        name=frozenset(terms(" ".join(words_of(name)))) - _VERBS,
        description=frozenset(terms(description)) - _VERBS,
        parameters=frozenset(terms(parameters)) - _VERBS,
    )
