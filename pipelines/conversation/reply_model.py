"""The model's part of one reply: rounds with tools between them, rungs of the ladder, the deadlines of its tokens."""

from collections.abc import Callable

from pipelines.conversation import actions as act
from pipelines.conversation.history import reads_retrieved
from pipelines.conversation.settings import ConversationSettings, OwnTool, ReplySettings
from pipelines.llm.port import ChatRequest, FinishReason, Message, ToolSpec, Usage


class ReplyModel:
    """Asks models for one reply. ``generation`` is the work that counts now; None: nothing is asked."""

    def __init__(
        self,
        settings: ReplySettings,
        session: ConversationSettings,
        *,
        own_tools: tuple[OwnTool, ...],
        next_generation: Callable[[], int],
        tell: Callable[[act.Action], None],
    ) -> None:
        self.generation: int | None = None
        self.rung = 0
        self.is_done = False
        self.finish_reason: FinishReason = "stop"
        self.usage = Usage()
        self.deadline_ms: float | None = None
        self._hurried_ms: float | None = None
        """The deadline while the caller hears nothing meanwhile."""
        self.reads_retrieved = False
        """What it was given holds text that others wrote: it may look up more, and do nothing."""
        self._settings = settings
        self._session = session
        self._tools = settings.tools + tuple(tool.spec for tool in own_tools)
        self._looking = tuple(tool.spec for tool in own_tools if not tool.policy.has_effect)
        self._next_generation = next_generation
        self._tell = tell
        self._messages: tuple[Message, ...] = ()
        self._rounds = 0

    def ask(self, messages: tuple[Message, ...], now_ms: float) -> None:
        """A round: the first, or the next with the results of tools."""
        self._messages = messages
        self.reads_retrieved = reads_retrieved(messages, self._session.retrieving)
        self.is_done = False
        self._start(now_ms)

    @property
    def may_ask_again(self) -> bool:
        """The last round was still offered tools."""
        return self._rounds <= self._session.limits.tool_rounds

    def note_token(self, now_ms: float) -> None:
        limits = self._session.limits
        self.deadline_ms = now_ms + limits.next_token_ms * self._patience
        self._hurried_ms = now_ms + min(limits.awaited_token_ms, limits.next_token_ms) * self._patience

    def finished(self, reason: FinishReason, usage: Usage) -> None:
        self.deadline_ms = self._hurried_ms = None
        self.generation = None
        self.is_done = True
        self.finish_reason = reason
        self.usage = Usage(
            input_tokens=self.usage.input_tokens + usage.input_tokens,
            output_tokens=self.usage.output_tokens + usage.output_tokens,
            cached_tokens=self.usage.cached_tokens + usage.cached_tokens,
            written_tokens=self.usage.written_tokens + usage.written_tokens,
        )

    def fall_back(self, said: str, now_ms: float) -> bool:
        """The next model goes on after what this one had said. False: there is none."""
        if self.rung + 1 >= self._session.model_rungs:
            return False
        self.rung += 1
        self.is_done = False
        if said:
            self._messages = (*self._messages, Message(role="assistant", content=said))
        self._start(now_ms)
        return True

    def delayed(self, by_ms: float) -> None:
        if self.deadline_ms is not None:
            self.deadline_ms += by_ms
        if self._hurried_ms is not None:
            self._hurried_ms += by_ms

    def due_ms(self, *, awaited: bool) -> float | None:
        """When it is late. ``awaited``: the caller hears nothing meanwhile."""
        return self._hurried_ms if awaited and self._hurried_ms is not None else self.deadline_ms

    def stop(self) -> None:
        if self.generation is not None:
            self._tell(act.StopModel(self.generation))
            self.generation = None
        self.deadline_ms = self._hurried_ms = None

    @property
    def _patience(self) -> float:
        is_last = self.rung + 1 >= self._session.model_rungs
        return self._session.limits.last_rung_patience if is_last else 1.0

    @property
    def _offered(self) -> tuple[ToolSpec, ...]:
        """Nobody knows what a client's tools do: they count as tools with an effect."""
        return self._looking if self.reads_retrieved else self._tools

    def _start(self, now_ms: float) -> None:
        self.generation = self._next_generation()
        self.deadline_ms = now_ms + self._session.limits.first_token_ms * self._patience
        self._hurried_ms = None
        request = ChatRequest(
            messages=self._messages,
            tools=self._offered if self._rounds < self._session.limits.tool_rounds else (),
            tool_choice=self._settings.tool_choice if not (self._rounds or self.reads_retrieved) else "auto",
            parallel_tool_calls=self._settings.parallel_tool_calls,
            max_output_tokens=self._settings.max_output_tokens,
        )
        self._rounds += 1
        self._tell(act.StartModel(self.generation, self.rung, request))
