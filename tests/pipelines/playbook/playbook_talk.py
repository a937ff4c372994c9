"""A caller with a script, talking to the playbook the way a runner does: messages grow, tools are run and answered."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from pipelines.llm.port import ChatRequest, Message, ToolCall, ToolSpec
from pipelines.playbook.history import read_history
from pipelines.playbook.model import Playbook, Reply
from pipelines.playbook.opening_words import ON_THE_PHONE
from pipelines.playbook.slots import business_slots
from pipelines.playbook.state import State

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MOST_CALLS_A_TURN = 4
TELEPHONE = f"{ON_THE_PHONE}: say what is easy to follow by ear."


class Talk:
    """One conversation. ``outputs`` are the tools' results by name; "ok" otherwise."""

    def __init__(
        self,
        *,
        system: str = "",
        history: Sequence[Message] = (),
        tools: tuple[ToolSpec, ...] = (),
        outputs: dict[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: MONDAY,
    ) -> None:
        self.playbook = Playbook(clock=clock)
        self.messages = [*([Message("system", system)] if system else []), *history]
        self.tools = tools
        self.outputs = outputs or {}
        self.calls: list[ToolCall] = []
        self.replies: list[Reply] = []

    def answer(self) -> str:
        """Let the agent speak, running its tools until it calls none; what it said, in one text."""
        said: list[str] = []
        for _ in range(MOST_CALLS_A_TURN):
            reply = self.playbook.reply(ChatRequest(tuple(self.messages), tools=self.tools))
            self.replies.append(reply)
            self.messages.append(Message("assistant", reply.text, reply.calls))
            said.append(reply.text)
            if not reply.calls:
                return " ".join(part for part in said if part)
            self.calls.extend(reply.calls)
            for call in reply.calls:
                output = self.outputs.get(call.name, '{"status": "ok"}')
                self.messages.append(Message("tool", output, tool_call_id=call.call_id))
        raise AssertionError("the agent calls tools without end")

    def say(self, text: str) -> str:
        """The caller says something; the agent's answer."""
        self.messages.append(Message("user", text))
        return self.answer()

    def script(self, *lines: str) -> list[str]:
        """The agent opens, the caller says the lines; everything the agent said."""
        return [self.answer(), *(self.say(line) for line in lines)]

    @property
    def state(self) -> State:
        return read_history(self.messages, MONDAY, business_slots(MONDAY)).state

    def called(self, name: str) -> list[ToolCall]:
        return [call for call in self.calls if call.name == name]
