"""Reading an Anthropic Messages request: what is refused, and what it asks for.

https://docs.anthropic.com/en/api/messages, version 2026-10-21; names as in anthropic 2.12.
"""

import re
from typing import Any

import msgspec

from simulators.chat.errors import ChatError
from simulators.chat.turn import Tool, Turn

SAMPLING_GONE_SINCE = "2026-10-21"
_SAMPLING = ("temperature", "top_p", "top_k")
_FIELDS = frozenset(
    "cache_control container context_management diagnostics inference_geo max_tokens messages metadata mcp_servers "
    "model output_config service_tier speed stop_sequences stream system thinking tool_choice tools user_profile_id "
    "workspace_id".split()
)
_MOST_BREAKPOINTS = 4
_CALL_ID = re.compile("^[a-zA-Z0-9_-]+$")
_NOT_IN_SCHEMAS = frozenset(
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength maxItems".split()
)
_PREFILL_GONE_SINCE = (4, 6)
_MODEL_NUMBER = re.compile(r"claude-[a-z]+-(\d+)(?:-(\d{1,2})(?!\d))?")

Body = dict[str, Any]


def check_request(body: Body, version: str) -> None:
    """Raises ChatError."""
    for name in ("model", "max_tokens", "messages"):
        if name not in body:
            raise ChatError(400, f"{name}: Field required")
    for name in body:
        gone = version >= SAMPLING_GONE_SINCE
        if name not in _FIELDS and (gone or name not in _SAMPLING):
            raise ChatError(400, f"{name}: Extra inputs are not permitted")
    if not isinstance(body["max_tokens"], int) or body["max_tokens"] < 1:
        raise ChatError(400, "max_tokens: Input should be greater than or equal to 1")
    if not isinstance(body["messages"], list) or not body["messages"]:
        raise ChatError(400, "messages: at least one message is required")
    _check_messages(body["messages"], str(body["model"]))
    _check_tools(body)
    _check_schema(((body.get("output_config") or {}).get("format") or {}).get("schema"))
    if (found := sum(is_marked for _, is_marked in cached_blocks(body))) > _MOST_BREAKPOINTS:
        raise ChatError(400, f"A maximum of 4 blocks with cache_control may be provided. Found {found}.")


def _check_messages(messages: list[Any], model: str) -> None:
    called: list[str] = []
    for index, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("user", "assistant"):
            raise ChatError(400, f"messages.{index}.role: Input should be 'user' or 'assistant'")
        if index == 0 and role != "user":
            raise ChatError(400, 'messages: first message must use the "user" role')
        blocks = blocks_of(message)
        if not blocks:
            raise ChatError(400, f"messages.{index}: all messages must have non-empty content")
        if any(block.get("type") == "text" and not block.get("text", "").strip() for block in blocks):
            raise ChatError(400, "messages: text content blocks must be non-empty")
        _check_results(index, blocks, called)
        called = [_id_of(block, f"messages.{index}.content.{at}") for at, block in enumerate(blocks) if _calls(block)]
    if called:
        raise _unanswered(len(messages), called)
    if messages[-1]["role"] == "assistant" and _number(model) >= _PREFILL_GONE_SINCE:
        text = "This model does not support assistant message prefill. The conversation must end with a user message."
        raise ChatError(400, text)


def _calls(block: Body) -> bool:
    return block.get("type") == "tool_use"


def _id_of(block: Body, where: str) -> str:
    call_id = block["id"]
    if _CALL_ID.fullmatch(call_id) is None:
        raise ChatError(400, f"{where}.tool_use.id: String should match pattern '{_CALL_ID.pattern}'")
    return str(call_id)


def _check_results(index: int, blocks: list[Body], called: list[str]) -> None:
    """Every tool call is answered at the beginning of the very next message."""
    results = [block.get("tool_use_id") for block in blocks if block.get("type") == "tool_result"]
    for result in results:
        if result not in called:
            text = f"messages.{index}.content: unexpected `tool_use_id` found in `tool_result` blocks: {result}. "
            raise ChatError(
                400, text + "Each `tool_result` block must have a corresponding `tool_use` block before it."
            )
    missing = [call for call in called if call not in results]
    if missing or any(block.get("type") != "tool_result" for block in blocks[: len(results)]):
        raise _unanswered(index, missing or called)


def _unanswered(index: int, calls: list[str]) -> ChatError:
    text = f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
    return ChatError(400, text + ", ".join(calls))


def _check_tools(body: Body) -> None:
    tools = body.get("tools") or []
    for index, tool in enumerate(tools):
        if not isinstance(tool, dict) or not tool.get("name"):
            raise ChatError(400, f"tools.{index}.custom.name: Field required")
        if "type" not in tool and not isinstance(tool.get("input_schema"), dict):
            raise ChatError(400, f"tools.{index}.custom.input_schema: Field required")
    choice = body.get("tool_choice")
    if choice is not None and not tools:
        raise ChatError(400, "tool_choice may only be specified while providing tools.")
    if (
        isinstance(choice, dict)
        and choice.get("type") == "tool"
        and choice.get("name") not in [t["name"] for t in tools]
    ):
        raise ChatError(400, f"Tool '{choice.get('name')}' not found in provided tools")


def _check_schema(part: Any) -> None:
    """Of a structured output: constraints are refused, and objects that are open."""
    if isinstance(part, list):
        for entry in part:
            _check_schema(entry)
    if not isinstance(part, dict):
        return
    kind, where = part.get("type"), "output_config.format.schema"
    if refused := sorted(_NOT_IN_SCHEMAS & part.keys()):
        raise ChatError(400, f"{where}: For '{kind}' type, property '{refused[0]}' is not supported")
    if part.get("minItems", 0) not in (0, 1):
        raise ChatError(400, f"{where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported")
    if kind == "object" and part.get("additionalProperties") is not False:
        raise ChatError(400, f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    for name, entry in part.items():
        _check_schema([*entry.values()] if name in ("properties", "$defs") and isinstance(entry, dict) else entry)


def blocks_of(message: Body) -> list[Body]:
    """A message's content as blocks; a text is one block."""
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [block for block in content or [] if isinstance(block, dict)]


def _number(model: str) -> tuple[int, int]:
    found = _MODEL_NUMBER.match(model)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)


def cached_blocks(body: Body) -> list[tuple[str, bool]]:
    """The prompt's blocks in the order they are read: tools, system, messages. Each with whether it is marked for the
    prompt cache; the top-level mark is the last block's."""
    system = body.get("system")
    blocks = [("", block) for block in (*(body.get("tools") or []), *(system if isinstance(system, list) else []))]
    if isinstance(system, str):
        blocks.append(("", {"text": system}))
    for message in body["messages"]:
        if isinstance(message, dict):
            blocks += [(str(message.get("role")), block) for block in blocks_of(message)]
    known = [(role, block) for role, block in blocks if isinstance(block, dict)]
    marked = [bool(block.get("cache_control")) for _, block in known]
    if body.get("cache_control") and marked:
        marked[-1] = True
    texts = [role + _unmarked(block) for role, block in known]
    return list(zip(texts, marked, strict=True))


def _unmarked(block: Body) -> str:
    return msgspec.json.encode({name: value for name, value in block.items() if name != "cache_control"}).decode()


def read_turn(provider: str, body: Body) -> Turn:
    """What a checked request asks for."""
    messages: list[Body] = body["messages"]
    users = [text for message in messages if message["role"] == "user" and (text := _text(message))]
    tools = tuple(Tool(tool["name"], tool.get("input_schema") or {}) for tool in body.get("tools") or [])
    results = _results(messages[-1])
    choice = body.get("tool_choice") or {}
    wanted = (body.get("output_config") or {}).get("format") or {}
    return Turn(
        provider=provider,
        model=body["model"],
        prompt=msgspec.json.encode([body.get("tools"), body.get("system"), messages]).decode(),
        user_text=users[-1] if users else "",
        user_turns=len(users),
        tool_result=" ".join(map(_result_text, results)) if results else None,
        tool_results=tuple(_result_text(block) for message in messages for block in _results(message)),
        tools=tools,
        forced_tool=_forced(choice, tools),
        may_call=choice.get("type") != "none",
        schema=wanted.get("schema") if wanted.get("type") == "json_schema" else None,
        most_tokens=body["max_tokens"],
        stop=tuple(body.get("stop_sequences") or ()),
    )


def _results(message: Body) -> list[Body]:
    return [block for block in blocks_of(message) if block.get("type") == "tool_result"]


def _text(message: Body) -> str:
    return " ".join(block["text"] for block in blocks_of(message) if block.get("type") == "text")


def _result_text(block: Body) -> str:
    content = block.get("content")
    return content if isinstance(content, str) else _text({"content": content})


def _forced(choice: Body, tools: tuple[Tool, ...]) -> str | None:
    if choice.get("type") == "tool":
        return str(choice["name"])
    return tools[0].name if choice.get("type") == "any" and tools else None
