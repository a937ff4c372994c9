"""Which replies the caller is hearing or has lately heard, and how far."""

from collections import OrderedDict
from collections.abc import Callable, Iterator

from pipelines.conversation import actions as act
from pipelines.conversation.history import History
from pipelines.conversation.items import Item
from pipelines.conversation.spoken import SpokenMessage

PROGRESS_MS = 300.0
"""How often the heard part of a reply being spoken is recorded, at the latest."""

EARLY_MS = 100.0
"""So much sooner it is recorded where something else is due anyway. Pieces of audio follow each other more closely than
that, but to clients that report playback: a reply being sent has no wake-ups for this alone."""

RECENT_MESSAGES = 16
"""Replies whose heard text a late report or truncation can still correct to the word."""


class HeardTracker:
    """Follows spoken messages from their first announcement until the caller has heard their end."""

    def __init__(
        self, history: History, remember: Callable[[Item, bool], None], tell: Callable[[act.Action], None]
    ) -> None:
        """``remember`` takes an item and whether it is progress only."""
        self._history = history
        self._remember = remember
        self._tell = tell
        self._live: dict[str, SpokenMessage] = {}
        self._recent: OrderedDict[str, SpokenMessage] = OrderedDict()
        self._progress_at_ms = 0.0

    @property
    def is_idle(self) -> bool:
        """Nothing is being heard."""
        return not self._live

    @property
    def being_heard(self) -> tuple[str, ...]:
        """The ids of such messages."""
        return tuple(self._live)

    @property
    def wake_ms(self) -> float | None:
        return self._progress_at_ms if self._live else None

    def is_due(self, now_ms: float) -> bool:
        """Whether ``track`` is worth while."""
        return bool(self._live) and now_ms >= self._progress_at_ms - EARLY_MS

    def ends_at_ms(self) -> float:
        """When the caller will have heard all that was sent of every message."""
        ends = [message.playback.ends_at_ms() for message in self._live.values() if message.playback is not None]
        return max(ends, default=0.0)

    def recent(self, item_id: str) -> SpokenMessage | None:
        return self._recent.get(item_id)

    def follow(self, message: SpokenMessage, now_ms: float) -> None:
        """A message was announced."""
        if message.id in self._recent:
            return
        self._recent[message.id] = message
        while len(self._recent) > RECENT_MESSAGES:
            self._recent.popitem(last=False)
        if message.playback is not None:
            if not self._live:
                self._progress_at_ms = now_ms + PROGRESS_MS
            self._live[message.id] = message

    def is_audible(self, now_ms: float) -> bool:
        """The caller is hearing something now, or would without a hold."""
        return self.audible(now_ms) is not None

    def audible(self, now_ms: float) -> Item | None:
        """What the caller is hearing now, or would without a hold."""
        for message in self._live.values():
            if message.playback is not None and message.playback.sent_ms > 0 and not message.is_heard(now_ms):
                return message.item
        return None

    def ends_with_question(self, now_ms: float) -> bool:
        """Whether the last words the caller heard were a question."""
        for message in reversed(self._live.values()):
            message.hear(now_ms)
            if message.item.heard:
                return message.item.heard.endswith("?")
        return False

    def refresh(self, now_ms: float) -> None:
        """Bring the history's heard texts up to now."""
        for message in self._known():
            message.hear(now_ms)
            self._history.replace(message.item)

    def track(self, now_ms: float) -> None:
        """Record how far each message is heard; let go of those heard to their end."""
        self._progress_at_ms = now_ms + PROGRESS_MS
        for message in list(self._live.values()):
            grew = message.hear(now_ms)
            over = message.is_heard(now_ms)
            if over:
                del self._live[message.id]
            if (over or grew) and message.id in self._history:
                self._remember(message.item, not over)

    def correct(self, message: SpokenMessage, now_ms: float) -> None:
        """The client told how much of it was played: that is what was heard."""
        if message.hear(now_ms) and message.id in self._history:
            self._remember(message.item, not message.is_heard(now_ms))

    def hold(self, now_ms: float) -> None:
        """Messages that were sent to their end but not heard to it wait too."""
        for message in self._live.values():
            if message.playback is not None and not message.playback.is_held:
                unheard = not message.is_heard(now_ms)
                message.playback.hold(now_ms)
                if unheard:
                    self._tell(act.PausePlayback(message.id))

    def release(self, now_ms: float) -> None:
        for message in self._live.values():
            if message.is_closed and message.playback is not None and message.playback.is_held:
                message.playback.resume(now_ms)
                self._tell(act.ResumePlayback(message.id))

    def stop(self, now_ms: float) -> None:
        """Somebody breaks in on the agent's side: clients are told to play no more of it."""
        for message in self._live.values():
            if not message.is_heard(now_ms):
                self._tell(act.StopPlayback(message.id))

    def cut(self, now_ms: float) -> None:
        """The caller broke in, or the line is gone: what was not heard by now never will be."""
        for message in self._live.values():
            if message.playback is not None:
                message.playback.cut(now_ms)
        self.track(now_ms)

    def _known(self) -> Iterator[SpokenMessage]:
        return (message for message in self._live.values() if message.id in self._history)
