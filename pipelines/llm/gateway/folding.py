"""A streamed reply put together again."""

from pipelines.llm.port import Completed, FinishReason, LlmEvent, TextDelta, ToolCall, ToolCallDelta, Usage


class Folded:
    """Feed it the events of one reply."""

    def __init__(self) -> None:
        self.finish_reason: FinishReason = "stop"
        self.usage = Usage()
        self._text: list[str] = []
        self._calls: dict[int, list[str]] = {}

    @property
    def text(self) -> str:
        return "".join(self._text)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(
            ToolCall(call_id, name, "".join(arguments))
            for _, (call_id, name, *arguments) in sorted(self._calls.items())
        )

    def feed(self, event: LlmEvent) -> None:
        match event:
            case TextDelta(text):
                self._text.append(text)
            case ToolCallDelta(index, arguments, call_id, name):
                self._calls.setdefault(index, [call_id, name]).append(arguments)
            case Completed(reason, usage):
                self.finish_reason, self.usage = reason, usage
