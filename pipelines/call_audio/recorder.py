"""Keeps what both sides of one call hear, while they talk: everything here runs on the event loop and only appends.

It watches the conversation (an ``Observer``) and is given the caller's audio. What it keeps is taken from it in batches
and written by others; when they do not come, it ends.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final

import msgspec

from pipelines.call_audio.port import BYTES_PER_MS, Head
from pipelines.call_audio.spool import (
    CallerBegan,
    Heard,
    Held,
    Kind,
    News,
    Played,
    Record,
    ReplyBegan,
    Resumed,
    Spoke,
)
from pipelines.call_audio.states import BECOMES, TELLS, State, Told
from pipelines.call_audio.wish import refuses_recording
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import Item

log = logging.getLogger(__name__)

MAX_WAITING_BYTES: Final = 8 * 1024 * 1024
"""Over a minute of both voices: the disk does not take it."""

MAX_BYTES: Final = 1536 * 1024 * 1024
"""Of one recording: some five hours."""


class CallRecorder:
    """One connection's. ``announced``: it begins where the agent says so; else with the first sound. ``changed`` is
    given what clients are to be told."""

    def __init__(self, head: Head, *, announced: bool, changed: Callable[[Told], None]) -> None:
        self.head = head
        self.state: State = "waiting"
        self.bytes = 0
        """Of all that was kept so far."""
        self._announced = announced
        self._changed = changed
        self._kept: list[Record] = []
        self._waiting_bytes = 0
        self._received_bytes = 0
        self._replies: dict[str, int] = {}
        self._caller_began = False
        self._asked: set[str] = set()
        """Items of the caller's that were looked at for the wish."""

    def become(self, state: State) -> None:
        """Where that may follow. Of what is not wanted, or cannot be kept, nothing waits any more."""
        if state not in BECOMES[self.state]:
            return
        self.state = state
        if state in ("refused", "deleted", "failed"):
            self.take()
        if (told := TELLS.get(state)) is not None:
            self._changed(told)

    def hear(self, pcm: bytes, now_ms: float) -> None:
        """The caller's audio: 24 kHz s16 mono."""
        self._received_bytes += len(pcm)
        if not self._keeps_sound():
            return
        if not self._caller_began:
            self._caller_began = True
            self._note(CallerBegan((self._received_bytes - len(pcm)) / BYTES_PER_MS), 0, now_ms)
        self._keep(Kind.CALLER, now_ms, 0, pcm)

    def saw(self, fact: facts.Fact, actions: Sequence[act.Action], now_ms: float) -> None:
        if type(fact) is facts.PlaybackReported:
            self._played(fact, now_ms)
        for action in actions:
            if (take := self._TAKING.get(type(action))) is not None:
                take(self, action, now_ms)

    def take(self) -> list[Record]:
        """What is to be written; it is forgotten here."""
        kept, self._kept = self._kept, []
        self._waiting_bytes = 0
        return kept

    def _keeps_sound(self) -> bool:
        if self.state == "waiting" and not self._announced:
            self.become("on")
        return self.state == "on"

    def _keep(self, kind: Kind, now_ms: float, number: int, payload: bytes) -> None:
        if self.state != "on":  # notes come in every state
            return
        self._kept.append((kind, now_ms, number, payload))
        size = len(payload)
        self._waiting_bytes += size
        self.bytes += size
        if self._waiting_bytes > MAX_WAITING_BYTES:
            log.error("a recording ends: it cannot be written in time")
            self.become("failed")
        elif self.bytes > MAX_BYTES:
            log.warning("a recording ends: it is as long as one may be")
            self.become("full")

    def _note(self, news: News, number: int, now_ms: float) -> None:
        self._keep(Kind.NEWS, now_ms, number, msgspec.json.encode(news))

    # What the conversation does

    def _sent(self, action: act.OutputAudioDelta, now_ms: float) -> None:
        if not self._keeps_sound():
            return
        number = self._replies.get(action.item_id)
        if number is None:
            number = self._replies[action.item_id] = len(self._replies) + 1
            self._note(ReplyBegan(action.item_id), number, now_ms)
        self._keep(Kind.SENT, now_ms, number, action.pcm)

    def _played(self, fact: facts.PlaybackReported, now_ms: float) -> None:
        if (number := self._replies.get(fact.item_id)) is not None:
            self._note(Played(fact.audio_ms, fact.final), number, now_ms)

    def _told(self, _action: act.ToldOfRecording, _now_ms: float) -> None:
        self.become("on")

    def _held(self, action: act.PausePlayback, now_ms: float) -> None:
        if (number := self._replies.get(action.item_id)) is not None:
            self._note(Held(), number, now_ms)

    def _resumed(self, action: act.ResumePlayback, now_ms: float) -> None:
        if (number := self._replies.get(action.item_id)) is not None:
            self._note(Resumed(), number, now_ms)

    def _remembered(self, action: act.Remember, now_ms: float) -> None:
        item = action.item
        if item.role == "user":
            self._listen_for_wish(item)
        elif (number := self._replies.get(item.id)) is not None:
            words = () if action.progress else item.word_ends
            self._note(Heard(item.heard_ms, words), number, now_ms)

    def _spoke(self, action: act.SpeechStarted, now_ms: float) -> None:
        self._note(Spoke(action.item_id, start_ms=action.audio_start_ms), 0, now_ms)

    def _fell_silent(self, action: act.SpeechStopped, now_ms: float) -> None:
        self._note(Spoke(action.item_id, end_ms=action.audio_end_ms), 0, now_ms)

    def _listen_for_wish(self, item: Item) -> None:
        if item.id in self._asked or not item.words:
            return
        self._asked.add(item.id)
        if refuses_recording(item.words):
            self.become("refused")

    _TAKING: ClassVar[Mapping[type[act.Action], Callable[..., None]]] = {
        act.ToldOfRecording: _told,
        act.OutputAudioDelta: _sent,
        act.PausePlayback: _held,
        act.ResumePlayback: _resumed,
        act.Remember: _remembered,
        act.SpeechStarted: _spoke,
        act.SpeechStopped: _fell_silent,
    }
