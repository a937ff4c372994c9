"""Tool results where providers want them: all of them directly behind the message that made the calls. Pure."""

from collections.abc import Iterable

from pipelines.llm.port import Message

NO_RESULT = '{"error":{"code":"no_result","message":"The call was not carried out."}}'


def results_after_calls(messages: Iterable[Message]) -> list[Message]:
    """The same messages; a result without its call is left out, a call without result gets ``NO_RESULT``.

    A caller who speaks while a tool runs puts a message between the two, which every provider refuses with a 400.
    """
    messages = list(messages)
    results = {message.tool_call_id: message for message in messages if message.role == "tool"}
    ordered: list[Message] = []
    for message in messages:
        if message.role == "tool":
            continue
        ordered.append(message)
        for call in message.tool_calls:
            missing = Message(role="tool", content=NO_RESULT, tool_call_id=call.call_id)
            ordered.append(results.get(call.call_id, missing))
    return ordered
