"""What the caller is told about the recording of their call, before the agent says anything else."""

from collections.abc import Iterable

from pipelines.call_audio.wish import refuses_recording
from pipelines.conversation.history import History
from pipelines.conversation.items import Item
from pipelines.conversation.settings import Modality, RecordingWords


class RecordingNotice:
    """``words`` None: the call is not recorded."""

    def __init__(self, words: RecordingWords | None, history: History) -> None:
        self.words = words
        self._history = history
        self._is_announced = words is None or not words.announcement
        self._is_refused = False
        self.was_refused = False
        """By words of the caller's that are on record alone."""

    @property
    def caller_refuses(self) -> bool:
        """Whether the caller ever said that they do not want it, recorded or not."""
        return self.was_refused or any(map(refuses, self._history))

    def let_go(self, items: Iterable[Item]) -> None:
        """They leave the history; what they mean stays."""
        self.was_refused = self.was_refused or any(map(refuses, items))

    @property
    def is_on(self) -> bool:
        """Whether the call's sound is recorded now."""
        return self.words is not None and not self._is_refused

    @property
    def is_announced(self) -> bool:
        """Whether the caller has heard that they are recorded, as far as they are to be told."""
        if not self._is_announced and self.words is not None:
            self._is_announced = self._was_heard(self.words.announcement)
        return self._is_announced

    def due(self, modality: Modality, latest: str | None = None) -> str:
        """What a reply begins with. ``latest``: what the caller is taken to have said, beyond the history."""
        words = self.words
        if words is None or self._is_refused:
            return ""
        if self._refuses(latest):
            return words.stopped
        is_due = modality == "audio" and self.is_on and not self.is_announced
        return words.announcement if is_due else ""

    def stops(self, preface: str) -> bool:
        """Whether this is what one is told who does not want it."""
        return self.words is not None and preface == self.words.stopped

    def _refuses(self, latest: str | None) -> bool:
        if latest is not None and refuses_recording(latest):
            return True
        if not self.caller_refuses:
            return False
        assert self.words is not None
        self._is_refused = self._was_heard(self.words.stopped)
        return not self._is_refused

    def _was_heard(self, phrase: str) -> bool:
        return any(item.role == "assistant" and phrase in item.words for item in self._history)


def refuses(item: Item) -> bool:
    """Whether the caller says there that they do not want it."""
    return item.role == "user" and refuses_recording(item.words)
