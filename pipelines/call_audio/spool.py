"""The spool: what happened to a call's sound, in the order it happened, as it is written while they talk.

A line of JSON (``Head``), then records: a kind, a time, a number, a length, that many bytes. Nothing is decided here:
how what was sent became what was heard is worked out afterwards, when all of it is known. A record that a killed
process left unfinished ends the file.
"""

import struct
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from pipelines.call_audio.port import CallAudioError, Head

MAX_HEAD_BYTES: Final = 4096
MAX_RECORD_BYTES: Final = 8 * 1024 * 1024
_RECORD: Final = struct.Struct("<BdII")


class Kind(IntEnum):
    """What a record is. Its number: of the reply it concerns, as counted in this file."""

    CALLER = 1
    """PCM that came from the caller."""
    SENT = 2
    """PCM of a reply that went to the caller."""
    NEWS = 3
    """JSON: one of ``News``."""


class CallerBegan(Struct, frozen=True, tag="caller"):
    """So much of the caller's audio had come before the first that is here."""

    audio_ms: float


class ReplyBegan(Struct, frozen=True, tag="reply"):
    item_id: str


class Played(Struct, frozen=True, tag="played"):
    """The client told how much of a reply it has played."""

    audio_ms: float
    final: bool


class Held(Struct, frozen=True, tag="held"):
    """The client was told to hold a reply where it is."""


class Resumed(Struct, frozen=True, tag="resumed"):
    pass


class Heard(Struct, frozen=True, tag="heard"):
    """What the conversation remembers of a reply: ``audio_ms`` of it were heard."""

    audio_ms: float
    word_ends: tuple[tuple[float, int], ...] = ()


class Spoke(Struct, frozen=True, tag="spoke"):
    """The caller, from ``start_ms`` of their audio on; ``end_ms`` once it is known."""

    item_id: str
    start_ms: float | None = None
    end_ms: float | None = None


News = CallerBegan | ReplyBegan | Played | Held | Resumed | Heard | Spoke

Record = tuple[Kind, float, int, bytes]
"""Kind, time, number, payload."""


class Place(Struct, frozen=True):
    """A record in a spool file. ``at``: where its payload begins there; ``news``: of ``Kind.NEWS``."""

    kind: Kind
    time_ms: float
    number: int
    at: int
    size: int
    news: News | None = None


def encoded_head(head: Head) -> bytes:
    return msgspec.json.encode(head) + b"\n"


def encoded(records: Iterable[Record]) -> bytes:
    parts: list[bytes] = []
    for kind, time_ms, number, payload in records:
        parts += (_RECORD.pack(kind, time_ms, number, len(payload)), payload)
    return b"".join(parts)


def read_head(file: BinaryIO) -> Head:
    """Raises CallAudioError when it is no spool file."""
    try:
        return msgspec.json.decode(file.readline(MAX_HEAD_BYTES), type=Head)
    except msgspec.DecodeError as error:
        raise CallAudioError("spool_unreadable", "The spool file does not begin as one.") from error


def read_places(file: BinaryIO) -> Iterator[Place]:
    """What is in the file behind its head, without the audio. What is broken off is left out."""
    file.seek(0, 2)
    end = file.tell()
    file.seek(0)
    file.readline(MAX_HEAD_BYTES)
    at = file.tell()
    while at + _RECORD.size <= end:
        file.seek(at)
        kind, time_ms, number, size = _RECORD.unpack(file.read(_RECORD.size))
        at += _RECORD.size
        if kind not in (Kind.CALLER, Kind.SENT, Kind.NEWS) or size > MAX_RECORD_BYTES or at + size > end:
            return
        news = None
        if kind == Kind.NEWS:
            try:
                news = msgspec.json.decode(file.read(size), type=News)
            except msgspec.DecodeError:
                return
        yield Place(Kind(kind), time_ms, number, at, size, news)
        at += size
