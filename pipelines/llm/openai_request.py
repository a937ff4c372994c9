"""The body of a chat completion request. Pure. https://platform.openai.com/docs/api-reference/chat/create"""

from collections.abc import Iterator
from typing import Any

import msgspec

from pipelines.llm.call_ids import for_openai
from pipelines.llm.port import ChatRequest, Message, NamedTool, ToolChoice, ToolSpec
from pipelines.llm.profiles import Profile
from pipelines.llm.strict_turns import strict_turns
from pipelines.llm.tool_order import results_after_calls

_SCHEMA_NAME = "reply"
_JSON_ONLY = "Answer with one JSON object that fits this JSON schema, and nothing else: "

Body = dict[str, Any]


def request_body(profile: Profile, model: str, request: ChatRequest) -> Body:
    """A streamed request with usage at its end. System prompt and tools come first, so that prompt caches hold."""
    quirk = profile.quirk(model)
    messages = results_after_calls(request.messages)
    body: Body = {
        "model": model,
        "messages": [_message(message) for message in (messages if profile.any_order else strict_turns(messages))],
        "stream": True,
        "stream_options": {"include_usage": True},
        profile.limit_field: max(
            request.max_output_tokens or profile.default_max_output_tokens, quirk.least_output_tokens
        ),
    }
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        if profile.tool_choice:
            body["tool_choice"] = _choice(request.tool_choice)
        elif request.tool_choice == "none":
            del body["tools"]
        if not request.parallel_tool_calls and "tools" in body:
            body["parallel_tool_calls"] = False
    if request.response_schema is not None:
        _ask_for_schema(profile, body, request.response_schema)
    for field in quirk.without:
        body.pop(field, None)
    return {**body, **profile.extra_body, **quirk.extra_body}


def _message(message: Message) -> Body:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": for_openai(message.tool_call_id or ""), "content": message.content}
    if not message.tool_calls:
        return {"role": message.role, "content": message.content}
    calls = [
        {
            "id": for_openai(call.call_id),
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments or "{}"},
        }
        for call in message.tool_calls
    ]
    return {"role": "assistant", "content": message.content or None, "tool_calls": calls}


def _tool(tool: ToolSpec) -> Body:
    parameters = tool.parameters or {"type": "object", "properties": {}}
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }


def _choice(choice: ToolChoice) -> str | Body:
    if isinstance(choice, NamedTool):
        return {"type": "function", "function": {"name": choice.name}}
    return choice


def _ask_for_schema(profile: Profile, body: Body, schema: dict[str, Any]) -> None:
    if profile.structured == "json_object":
        body["response_format"] = {"type": "json_object"}
        told = _JSON_ONLY + msgspec.json.encode(schema).decode()
        body["messages"] = [*body["messages"], {"role": "system", "content": told}]
        return
    details = {"name": _SCHEMA_NAME, "strict": is_closed(schema), "schema": schema}
    body["response_format"] = {"type": "json_schema", "json_schema": details}


def is_closed(schema: Any) -> bool:
    """Whether strict mode takes it: every object forbids further properties and requires all it names."""
    return all(
        part.get("additionalProperties") is False and set(part.get("required", ())) == set(part.get("properties", ()))
        for part in _objects(schema)
    )


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, list):
        for part in schema:
            yield from _objects(part)
    elif isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for name, part in schema.items():
            if name in {"properties", "$defs", "definitions"} and isinstance(part, dict):
                yield from _objects(list(part.values()))
            elif name in {"items", "anyOf", "oneOf", "allOf"}:
                yield from _objects(part)
