"""What a recording is made of. Times are milliseconds of the session's clock unless said otherwise."""

from typing import Final

from msgspec import Struct

RATE: Final = 24_000
BYTES_PER_MS: Final = 48
"""24 kHz, 16 bit, mono: of each of the two voices."""

MEDIA_TYPE: Final = "audio/mpeg"
"""MP3: every browser of today plays it and seeks in it, open builds of Chromium and Safari too."""


class CallAudioError(Exception):
    """There is no recording of it. ``code`` is stable. ``retryable``: it may succeed later."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class Head(Struct, frozen=True):
    """Which recording a spool file is of. ``started_s``: when the session's clock began, in seconds since 1970."""

    recording_id: str
    conversation_id: str
    started_s: float


class Passage(Struct, frozen=True, kw_only=True):
    """One item of the conversation in its recording, in milliseconds of the recording. ``word_ends``: for each word of
    a reply that was heard, its end in the recording, and in the item's generated text (characters)."""

    item_id: str
    start_ms: int
    end_ms: int
    word_ends: tuple[tuple[int, int], ...] = ()


class Outline(Struct, frozen=True, kw_only=True):
    """What a page needs to show a recording. ``offset_ms``: where on the session's clock it begins. ``caller`` and
    ``agent``: their loudest sample in each of equal parts of it, 0 to 255."""

    duration_ms: int
    offset_ms: int
    caller: list[int]
    agent: list[int]
    passages: list[Passage]


class Encoded(Struct, frozen=True, kw_only=True):
    """A recording that is ready to be kept."""

    head: Head
    outline: Outline
    bytes: int
