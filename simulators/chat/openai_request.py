"""Reading an OpenAI chat completion request: what is refused, and what it asks for."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec

from simulators.chat.errors import ChatError
from simulators.chat.turn import Tool, Turn

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")

Body = dict[str, Any]


def check_request(body: Body) -> None:
    """What OpenAI itself refuses. Raises ChatError."""
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise ChatError(400, "you must provide a model parameter")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ChatError(
            400, "Missing required parameter: 'messages'.", code="missing_required_parameter", param="messages"
        )
    _check_messages(messages)
    if body.get("stream_options") is not None and not body.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise ChatError(400, message, param="stream_options")
    if body.get("n") not in (None, 1):
        raise ChatError(400, "Only one choice is simulated.", param="n")
    temperature = body.get("temperature")
    if temperature is not None and not (isinstance(temperature, (int, float)) and 0 <= temperature <= 2):
        raise ChatError(400, "Invalid 'temperature': expected a value between 0 and 2.", param="temperature")
    for name in ("max_tokens", "max_completion_tokens"):
        limit = body.get(name)
        if limit is not None and not (isinstance(limit, int) and limit >= 1):
            raise ChatError(400, f"Invalid '{name}': integer below minimum value.", param=name)
    _check_tools(body)
    _check_format(body)


def _check_messages(messages: list[Any]) -> None:
    """Roles, and that each tool call is answered right after the message that made it."""
    awaited: set[str] = set()
    for index, message in enumerate(messages):
        where = f"messages.[{index}]"
        role = message.get("role") if isinstance(message, dict) else None
        if role not in _ROLES:
            raise ChatError(400, f"Invalid value: {role!r}. Supported values are: {_ROLES}", param=f"{where}.role")
        if role == "tool":
            if message.get("tool_call_id") not in awaited:
                text = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                raise ChatError(400, f"Invalid parameter: {text}", param=f"{where}.role")
            awaited.discard(message["tool_call_id"])
            continue
        if awaited:
            raise _unanswered(awaited)
        awaited = {call.get("id") for call in message.get("tool_calls") or []}
        if role != "assistant" and message.get("content") is None:
            raise ChatError(400, f"Invalid value for 'content': expected a string, got null. ({where})", param=where)
    if awaited:
        raise _unanswered(awaited)


def check_template(messages: list[Body]) -> None:
    """What the chat templates of open models refuse: Qwen's a system message that is not the first and a conversation
    without a user, Gemma's and Mistral's two messages in a row of one role. Raises ChatError."""
    roles = [message["role"] for message in messages]
    if any(role in ("system", "developer") for role in roles[1:]):
        raise ChatError(400, "System message must be at the beginning.")
    if "user" not in roles:
        raise ChatError(400, "No user query found in messages.")
    spoken = [role for role in roles if role not in ("system", "developer")]
    in_a_row = any(one == other != "tool" for one, other in pairwise(spoken))
    if spoken[0] != "user" or in_a_row:
        raise ChatError(400, "Conversation roles must alternate user/assistant/user/assistant/...")


def _unanswered(awaited: set[str]) -> ChatError:
    text = "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."
    missing = ", ".join(sorted(map(str, awaited)))
    return ChatError(
        400, f"{text} The following tool_call_ids did not have response messages: {missing}", param="messages"
    )


def _check_tools(body: Body) -> None:
    tools = body.get("tools")
    if tools is not None and (not isinstance(tools, list) or not tools):
        raise ChatError(400, "Invalid 'tools': empty array.", code="empty_array", param="tools")
    for index, tool in enumerate(tools or []):
        function = tool.get("function") if isinstance(tool, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
            param = f"tools[{index}].function.name"
            raise ChatError(400, f"Invalid '{param}': string does not match pattern.", param=param)
        if isinstance(function, dict) and function.get("strict"):
            check_strict(function.get("parameters") or {}, f"function '{name}'")
    choice = body.get("tool_choice")
    if choice is not None and not tools:
        message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
        raise ChatError(400, message, param="tool_choice")
    if isinstance(choice, dict) and _named(choice) not in [tool["function"]["name"] for tool in tools or []]:
        raise ChatError(400, "Invalid value for 'tool_choice': the function is not in 'tools'.", param="tool_choice")


def _check_format(body: Body) -> None:
    wanted = body.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if wanted is not None and kind not in ("text", "json_object", "json_schema"):
        raise ChatError(400, f"Invalid value: {kind!r} for 'response_format.type'.", param="response_format.type")
    if kind == "json_object" and "json" not in msgspec.json.encode(body["messages"]).decode().lower():
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
        raise ChatError(400, message, param="messages")
    if kind == "json_schema" and isinstance(wanted, dict):
        details = wanted.get("json_schema")
        if not isinstance(details, dict) or not details.get("name"):
            param = "response_format.json_schema.name"
            raise ChatError(400, f"Missing required parameter: '{param}'.", param=param)
        if details.get("strict"):
            check_strict(details.get("schema") or {}, f"response_format '{details['name']}'")


def check_strict(schema: Any, where: str) -> None:
    """Structured output takes only closed objects whose properties are all required. Raises ChatError."""
    for part in _objects(schema):
        properties = part.get("properties", {})
        if part.get("additionalProperties") is not False:
            fault = "'additionalProperties' is required to be supplied and to be false."
        elif set(part.get("required", [])) != set(properties):
            fault = "'required' is required to be supplied and to be an array including every key in properties."
        else:
            continue
        message = f"Invalid schema for {where}: In context=(), {fault}"
        raise ChatError(400, message, code="invalid_json_schema", param="response_format")


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, list):
        for part in schema:
            yield from _objects(part)
    elif isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for name, part in schema.items():
            if name in ("properties", "$defs", "definitions"):
                yield from _objects(list(part.values()))
            elif name in ("items", "anyOf", "oneOf", "allOf"):
                yield from _objects(part)


def read_turn(provider: str, body: Body) -> Turn:
    """What a checked request asks for."""
    messages: list[Body] = body["messages"]
    users = [_text(message) for message in messages if message["role"] == "user"]
    tools = tuple(
        Tool(tool["function"]["name"], tool["function"].get("parameters") or {}) for tool in body.get("tools") or []
    )
    last = messages[-1]
    stop = body.get("stop") or ()
    return Turn(
        provider=provider,
        model=body["model"],
        prompt=msgspec.json.encode([body.get("tools"), messages]).decode(),
        user_text=users[-1] if users else "",
        user_turns=len(users),
        tool_result=_text(last) if last["role"] == "tool" else None,
        tool_results=tuple(_text(message) for message in messages if message["role"] == "tool"),
        tools=tools,
        forced_tool=_forced(body.get("tool_choice"), tools),
        may_call=body.get("tool_choice") != "none",
        schema=_schema(body.get("response_format")),
        most_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
    )


def _text(message: Body) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return " ".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _named(choice: Body) -> Any:
    function = choice.get("function")
    return function.get("name") if isinstance(function, dict) else None


def _forced(choice: Any, tools: tuple[Tool, ...]) -> str | None:
    if isinstance(choice, dict):
        return str(_named(choice))
    return tools[0].name if choice == "required" and tools else None


def _schema(wanted: Any) -> Body | None:
    if not isinstance(wanted, dict) or wanted.get("type") not in ("json_object", "json_schema"):
        return None
    return (wanted.get("json_schema") or {}).get("schema") or {}
