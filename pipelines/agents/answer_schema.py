"""The JSON Schema of an answer, in the subset that every provider's strict mode takes."""

from collections.abc import Hashable
from functools import cache
from typing import Any, cast

import msgspec

_LIMITS = frozenset(
    "minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength minItems maxItems pattern title".split()
)
"""Not every strict mode knows them (Anthropic's refuses them): prompts state them, and answers are checked here."""


def answer_schema(reply: type[Any]) -> dict[str, Any]:
    """Of a Struct, without references; limits are left out. The Struct forbids unknown fields and requires its own.

    Made once, for everybody: do not change it.
    """
    return _made(cast("Hashable", reply))


@cache
def _made(reply: Hashable) -> dict[str, Any]:
    schema = msgspec.json.schema(reply)
    plain: dict[str, Any] = _plain(schema, schema.get("$defs", {}))
    return plain


def _plain(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_plain(entry, definitions) for entry in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _plain(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {
        name: {key: _plain(value, definitions) for key, value in entry.items()}
        if name == "properties"
        else _plain(entry, definitions)
        for name, entry in part.items()
        if name not in _LIMITS and name != "$defs"
    }
