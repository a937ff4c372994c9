"""Tools with typed arguments: one Struct makes the schema a model is told and checks what the model wrote."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, structs

from pipelines.llm.port import ToolSpec
from pipelines.tools.port import Tool, ToolContext, ToolError, ToolPolicy

MAX_BYTES = 64_000
"""Of all arguments of a call, as JSON: the longest typed message fits, whatever it is written in."""

MAX_MESSAGE_CHARS = 300
"""Of what is told of a fault; it may quote what was given."""


class Arguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all arguments. What need not be given defaults to UNSET: null is not a value of its own."""


A = TypeVar("A", bound=Arguments)


def typed_tool(
    name: str,
    description: str,
    arguments: type[A],
    run: Callable[[A, ToolContext], Awaitable[dict[str, Any]]],
    policy: ToolPolicy,
) -> Tool:
    """``run`` gets checked arguments. The tool raises ToolError ``invalid_arguments``, which says where and why."""

    async def checked(given: dict[str, Any], context: ToolContext) -> dict[str, Any]:
        return await run(checked_arguments(arguments, given), context)

    return Tool(ToolSpec(name, description, parameters_of(arguments)), checked, policy)


def checking(
    spec: ToolSpec, arguments: type[A], run: Callable[[A, ToolContext], Awaitable[dict[str, Any]]], policy: ToolPolicy
) -> Tool:
    """The same for a tool whose ``spec``, made of these arguments, is known elsewhere too."""
    return structs.replace(typed_tool(spec.name, spec.description, arguments, run, policy), spec=spec)


def checked_arguments(arguments: type[A], given: dict[str, Any]) -> A:
    """Models write null for what they leave out, which counts as left out, and numbers in quotes.

    Raises ToolError ``invalid_arguments``.
    """
    named = {name: value for name, value in given.items() if value is not None}
    try:
        if len(msgspec.json.encode(named)) > MAX_BYTES:
            raise ToolError("invalid_arguments", "They are too long.")
        return msgspec.convert(named, arguments, strict=False)
    except UnicodeError:  # half a surrogate pair, which JSON can spell
        raise ToolError("invalid_arguments", "They are not valid Unicode.") from None
    except msgspec.ValidationError as error:
        raise ToolError("invalid_arguments", f"{str(error)[-MAX_MESSAGE_CHARS:]}.") from None


def parameters_of(arguments: type[Arguments]) -> dict[str, Any]:
    """The JSON Schema of a Struct of plain fields."""
    (plain,) = _schema(arguments)["$defs"].values()
    return {name: value for name, value in plain.items() if name not in ("title", "description")}


@cache
def _schema(arguments: type[Arguments]) -> dict[str, Any]:
    """Made once: a schema takes milliseconds, and every server of a process asks for each."""
    return msgspec.json.schema(arguments)
