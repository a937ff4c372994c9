"""The body of an Anthropic Messages request, version 2026-10-21. Pure. https://docs.anthropic.com/en/api/messages

That version knows no temperature, and newer models take no conversation that ends with the assistant.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from pipelines.llm.call_ids import for_anthropic
from pipelines.llm.port import ChatRequest, Message, NamedTool, ToolCall, ToolChoice, ToolSpec
from pipelines.llm.strict_turns import BEGINNING, leading_system, marked
from pipelines.llm.tool_order import results_after_calls

DEFAULT_MAX_OUTPUT_TOKENS = 1024
_CACHED = {"type": "ephemeral"}
_GO_ON = "(Go on.)"

Body = dict[str, Any]


def request_body(model: str, request: ChatRequest) -> Body:
    """A streamed request. Two of the four cache marks are used: behind the system prompt (with the tools before it),
    which conversations share, and behind the last block that this conversation's next turn has as well. A mark further
    back would never be read, and writing costs a quarter more; so does one in a single question, which has a schema."""
    messages = results_after_calls(request.messages)
    system = leading_system(messages)
    turns, lasting = _turns(messages[len(system) :])
    if lasting is not None and request.response_schema is None:
        lasting["cache_control"] = _CACHED
    body: Body = {
        "model": model,
        "max_tokens": request.max_output_tokens or DEFAULT_MAX_OUTPUT_TOKENS,
        "messages": turns,
        "stream": True,
    }
    if system:
        text = "\n\n".join(message.content for message in system)
        body["system"] = [{"type": "text", "text": text, "cache_control": _CACHED}]
    called = sorted({call.name for message in messages for call in message.tool_calls})
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        body["tool_choice"] = _choice(request.tool_choice)
        if not request.parallel_tool_calls and request.tool_choice != "none":
            body["tool_choice"]["disable_parallel_tool_use"] = True
    elif called:  # what was called has to be known, also where nothing may be any more
        body["tools"], body["tool_choice"] = [_tool(ToolSpec(name)) for name in called], _choice("none")
    if request.response_schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": request.response_schema}}
    return body


def _turns(messages: Iterable[Message]) -> tuple[list[Body], Body | None]:
    """User and assistant in turn, beginning and ending with the user; no empty text. And the last block before what is
    passing, if there is one."""
    turns: list[Body] = []
    lasting: Body | None = None
    is_lasting = True
    for message in messages:
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message)
        if not blocks:
            continue
        is_lasting = is_lasting and not message.passing
        lasting = blocks[-1] if is_lasting else lasting
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"].extend(blocks)
        else:
            turns.append({"role": role, "content": blocks})
    if not turns or turns[0]["role"] != "user":
        turns.insert(0, {"role": "user", "content": [_text(BEGINNING)]})
    if turns[-1]["role"] != "user":
        turns.append({"role": "user", "content": [_text(_GO_ON)]})
    return turns, lasting


def _blocks(message: Message) -> list[Body]:
    if message.role == "tool":
        result: Body = {"type": "tool_result", "tool_use_id": for_anthropic(message.tool_call_id or "")}
        return [{**result, "content": message.content} if message.content else result]
    text = marked(message.content) if message.role == "system" else message.content
    blocks = [_text(text)] if text.strip() else []
    return blocks + [_call(call) for call in message.tool_calls]


def _text(text: str) -> Body:
    return {"type": "text", "text": text}


def _call(call: ToolCall) -> Body:
    return {
        "type": "tool_use",
        "id": for_anthropic(call.call_id),
        "name": call.name,
        "input": _arguments(call.arguments),
    }


def _arguments(text: str) -> Body:
    """A broken call was answered with an error; the provider still wants an object here."""
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def _tool(tool: ToolSpec) -> Body:
    schema = tool.parameters or {"type": "object", "properties": {}}
    return {"name": tool.name, "description": tool.description, "input_schema": schema}


def _choice(choice: ToolChoice) -> Body:
    if isinstance(choice, NamedTool):
        return {"type": "tool", "name": choice.name}
    return {"type": "any" if choice == "required" else choice}
