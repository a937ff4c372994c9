"""The sound of a conversation on its way to who listens. While nobody does there is no tap on the line.

Both voices go apart, as 24 kHz PCM, a tenth of a second at a time: the caller's as it comes, the agent's as it is sent,
a moment before it is heard, with what was cut, held and gone on with. What cannot be written in time is left out.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from pipelines.call_audio.wish import refuses_recording
from pipelines.conversation import actions as act
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item
from pipelines.conversation.runner import ConversationRunner
from storage.errors import StorageError
from storage.event_buffer import EventBuffer

log = logging.getLogger(__name__)

LISTENED_S = 30.0
"""So long one request to listen holds; who goes on listening asks again."""

GATHER_S = 0.1
MOST_WAITING_BYTES = 48_000
"""A second of one voice."""

KEPT_EVENTS = 60
KEPT_S = 15.0
"""Who listens so slowly misses what is older: two to three seconds."""

LASTS = frozenset({"over", "refused"})


class Tap:
    """Of one conversation. ``own``: keeps a task."""

    def __init__(
        self,
        conversation_id: str,
        core: ConversationCore,
        buffer: EventBuffer,
        own: Callable[[asyncio.Task[None]], None],
    ) -> None:
        self.stream = f"{conversation_id}:{secrets.token_hex(4)}"
        self.number = 0
        """Of the last event that was written."""
        self._core = core
        self._buffer = buffer
        self._own = own
        self._runner: ConversationRunner | None = None
        self._waiting: list[tuple[str, bytearray]] = []
        self._waiting_bytes = 0
        self._news = asyncio.Event()
        self._until_s = 0.0

    @property
    def is_on(self) -> bool:
        return self._runner is not None

    @property
    def refusal(self) -> tuple[str, str] | None:
        """Why nobody may listen now, as a code and in words; None: they may. The caller's wish not to be recorded
        counts, and where calls are announced as recorded they are to have heard so."""
        if any(map(_refuses, self._core.history)):
            return "listening_refused", "The caller does not want to be recorded: nobody listens."
        if not self._core.recording.is_announced:
            return "not_announced_yet", "The caller has not been told yet that the call is recorded; try in a moment."
        return None

    def listen(self, runner: ConversationRunner) -> None:
        """Somebody does, for ``LISTENED_S`` from now on."""
        loop = asyncio.get_running_loop()
        self._until_s = loop.time() + LISTENED_S
        if self._runner is None:
            self._runner = runner
            runner.tap = self._hear
            self._own(loop.create_task(self._write(), name=f"{self.stream} listened to"))

    def end(self, kind: str) -> None:
        """Nobody listens from now on, and whoever did is told why."""
        if self.is_on:
            self._remove()
            self._put(kind)

    def saw(self, actions: Sequence[act.Action]) -> None:
        """Called for every step while somebody listens."""
        for action in actions:
            if isinstance(action, act.OutputAudioDelta):
                if action.response_id not in self._core.beside:
                    self._put("agent", action.pcm)
            elif (kind := self._TOLD.get(type(action))) is not None:
                self._put(kind)
            elif isinstance(action, act.Remember) and _refuses(action.item):
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
        self._news.set()

    def _remove(self) -> None:
        if self._runner is not None:
            self._runner.tap = None
            self._runner = None

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while (left_s := self._until_s - loop.time()) > 0:
                try:
                    async with asyncio.timeout(left_s):
                        await self._news.wait()
                except TimeoutError:
                    continue
                await asyncio.sleep(GATHER_S)
                batch, self._waiting, self._waiting_bytes = self._waiting, [], 0
                self._news.clear()
                await self._buffer.append(self.stream, self.number, [(kind, bytes(pcm)) for kind, pcm in batch])
                self.number += len(batch)
                if batch[-1][0] in LASTS:
                    return
        except StorageError as error:
            log.warning("a conversation cannot be listened to: %s", error.code)
        finally:
            self._remove()
            self._waiting, self._waiting_bytes = [], 0
            self._news.clear()


def _refuses(item: Item) -> bool:
    return item.role == "user" and refuses_recording(item.words)
