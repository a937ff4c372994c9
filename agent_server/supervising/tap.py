"""The sound of a conversation on its way to who listens. While nobody does there is no tap on the line.

Both voices go apart, as 24 kHz PCM, a tenth of a second at a time: the caller's as it comes, the agent's as it is sent,
a moment before it is heard, with what was cut, held and gone on with. What cannot be written in time is left out.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from agent_server.supervising.live_stream import LiveStream
from pipelines.conversation import actions as act
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.recording_notice import refuses
from pipelines.conversation.rim.runner import ConversationRunner
from storage.shared.event_buffer import EventBuffer

LISTENED_S = 30.0
"""So long one request to listen holds; who goes on listening asks again."""

MOST_WAITING_BYTES = 48_000
"""A second of one voice."""

KEPT_EVENTS = 60
KEPT_S = 15.0
"""Who listens so slowly misses what is older: two to three seconds."""

LASTS = frozenset({"over", "refused"})


class Tap(LiveStream):
    """Of one conversation."""

    holds_s = LISTENED_S
    gather_s = 0.1
    lasts = LASTS
    failing = "a conversation cannot be listened to"

    def __init__(
        self,
        conversation_id: str,
        core: ConversationCore,
        buffer: EventBuffer,
        own: Callable[[asyncio.Task[None]], None],
    ) -> None:
        super().__init__(conversation_id, buffer, own)
        self._core = core
        self._runner: ConversationRunner | None = None
        self._waiting: list[tuple[str, bytearray]] = []
        self._waiting_bytes = 0

    @property
    def is_on(self) -> bool:
        return self._runner is not None

    @property
    def refusal(self) -> tuple[str, str] | None:
        """Why nobody may listen now, as a code and in words; None: they may. The caller's wish not to be recorded
        counts, and where calls are announced as recorded they are to have heard so."""
        if self._core.recording.caller_refuses:
            return "listening_refused", "The caller does not want to be recorded: nobody listens."
        if not self._core.recording.is_announced:
            return "not_announced_yet", "The caller has not been told yet that the call is recorded; try in a moment."
        return None

    def listen(self, runner: ConversationRunner) -> None:
        """Somebody does, for ``LISTENED_S`` from now on."""
        if self._runner is None:
            self._runner = runner
            runner.tap = self._hear
        self.hold()

    def end(self, kind: str) -> None:
        """Nobody listens from now on, and whoever did is told why."""
        if self.is_on:
            self.stopped()
            self._put(kind)

    def saw(self, actions: Sequence[act.Action]) -> None:
        """Called for every step while somebody listens."""
        for action in actions:
            if isinstance(action, act.OutputAudioDelta):
                if action.response_id not in self._core.beside:
                    self._put("agent", action.pcm)
            elif (kind := self._TOLD.get(type(action))) is not None:
                self._put(kind)
            elif isinstance(action, act.Remember) and refuses(action.item):
                self.end("refused")

    _TOLD: ClassVar[Mapping[type[act.Action], str]] = {
        act.PausePlayback: "hold",
        act.ResumePlayback: "resume",
        act.StopPlayback: "cut",
        act.SpeechStarted: "cut",
    }

    def _hear(self, pcm: bytes) -> None:
        self._put("caller", pcm)

    def _put(self, kind: str, pcm: bytes = b"") -> None:
        if pcm and self._waiting_bytes > MOST_WAITING_BYTES:
            return
        self._waiting_bytes += len(pcm)
        for known, waiting in reversed(self._waiting):
            if known == kind and pcm:
                waiting.extend(pcm)
                break
            if known not in ("caller", "agent"):  # sound behind a cut stays behind it
                self._waiting.append((kind, bytearray(pcm)))
                break
        else:
            self._waiting.append((kind, bytearray(pcm)))
        self.is_news()

    def stopped(self) -> None:
        if self._runner is not None:
            self._runner.tap = None
            self._runner = None

    def take(self) -> list[tuple[str, bytes]]:
        batch, self._waiting, self._waiting_bytes = self._waiting, [], 0
        return [(kind, bytes(pcm)) for kind, pcm in batch]
