"""Puts a spool's two voices on the session's clock: which bytes of the file are heard when. Pure but for reading."""

import math
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct, field

from pipelines.call_audio.caller_lane import CallerClock, frame_starts
from pipelines.call_audio.port import BYTES_PER_MS, Outline, Passage
from pipelines.call_audio.reply_lane import Laid, ReplyLane
from pipelines.call_audio.spool import (
    CallerBegan,
    Heard,
    Held,
    Kind,
    Place,
    Played,
    ReplyBegan,
    Resumed,
    Spoke,
)

SAMPLES_PER_MS: Final = BYTES_PER_MS // 2


class Slice(Struct, frozen=True):
    """``samples`` of the file from byte ``at`` on, heard from sample ``start`` of the recording on."""

    start: int
    at: int
    samples: int


class Layout(Struct, frozen=True, kw_only=True):
    """``caller`` and ``agent``: in order, none over another. ``passages``: as in the outline. ``offset_ms`` is negative
    where the caller's first words were sent faster than they were spoken."""

    offset_ms: int
    samples: int
    caller: list[Slice]
    agent: list[Slice]
    passages: list[Passage]

    @property
    def duration_ms(self) -> int:
        return self.samples // SAMPLES_PER_MS

    def outline(self, caller: list[int], agent: list[int]) -> Outline:
        return Outline(
            duration_ms=self.duration_ms,
            offset_ms=self.offset_ms,
            caller=caller,
            agent=agent,
            passages=self.passages,
        )


class _Reply(Struct):
    item_id: str = ""
    lane: ReplyLane = field(default_factory=ReplyLane)
    pieces: list[tuple[int, int]] = field(default_factory=list)
    """Its audio: where in the file, and how many bytes."""
    heard: Heard | None = None


class _Said(Struct):
    start_ms: float | None = None
    end_ms: float | None = None


class _Timed(Struct):
    """Samples of the file, on the session's clock."""

    at_ms: float
    at: int
    samples: int


def lay_out(places: Iterable[Place]) -> Layout | None:
    """None: there is no sound."""
    frames: list[Place] = []
    replies: dict[int, _Reply] = {}
    said: dict[str, _Said] = {}
    before_ms = 0.0
    for place in places:
        match place.news:
            case None if place.kind is Kind.CALLER:
                frames += [place] if place.size else []
            case CallerBegan(audio_ms):
                before_ms = audio_ms
            case Spoke(item_id, start_ms, end_ms):
                words = said.setdefault(item_id, _Said())
                words.start_ms = start_ms if start_ms is not None else words.start_ms
                words.end_ms = end_ms if end_ms is not None else words.end_ms
            case _:
                _take(replies.setdefault(place.number, _Reply()), place)
    starts = frame_starts([(frame.time_ms, frame.size / BYTES_PER_MS) for frame in frames])
    caller = [_Timed(start, frame.at, frame.size // 2) for frame, start in zip(frames, starts, strict=True)]
    agent: list[_Timed] = []
    spans: list[tuple[str, list[Laid], Heard | None]] = []
    free_ms = 0.0
    for reply in replies.values():
        laid = reply.lane.laid(reply.heard.audio_ms if reply.heard is not None else None)
        if not laid:
            continue
        late_ms = max(0.0, free_ms - laid[0].at_ms)
        for piece in laid:  # what came before it is played to its end first
            piece.at_ms += late_ms
        free_ms = laid[-1].at_ms + laid[-1].length_ms
        agent += _bytes_of(laid, reply.pieces)
        spans.append((reply.item_id, laid, reply.heard))
    if not caller and not agent:
        return None
    offset_ms = math.floor(min(voice[0].at_ms for voice in (caller, agent) if voice))
    clock = CallerClock(starts, [frame.size / BYTES_PER_MS for frame in frames], before_ms)
    lanes = [list(_slices(voice, offset_ms)) for voice in (caller, agent)]
    return Layout(
        offset_ms=offset_ms,
        samples=max(lane[-1].start + lane[-1].samples for lane in lanes if lane),
        caller=lanes[0],
        agent=lanes[1],
        passages=sorted([*_of_agent(spans, offset_ms), *_of_caller(said, clock, offset_ms)], key=lambda p: p.start_ms),
    )


def _take(reply: _Reply, place: Place) -> None:
    match place.news:
        case None:
            reply.pieces.append((place.at, place.size))
            reply.lane.sent(place.size / BYTES_PER_MS, place.time_ms)
        case ReplyBegan(item_id):
            reply.item_id = item_id
        case Played(audio_ms, final):
            reply.lane.played(audio_ms, place.time_ms, final=final)
        case Held():
            reply.lane.hold(place.time_ms)
        case Resumed():
            reply.lane.resume(place.time_ms)
        case Heard():
            reply.heard = place.news


def _bytes_of(laid: Iterable[Laid], pieces: Iterable[tuple[int, int]]) -> Iterator[_Timed]:
    """Both in order of the reply."""
    rest = iter(pieces)
    at, size = next(rest, (0, 0))
    begins = 0
    """The sample of the reply that the piece at hand begins with."""
    for part in laid:
        sample = round(part.from_ms * SAMPLES_PER_MS)
        end = round((part.from_ms + part.length_ms) * SAMPLES_PER_MS)
        while sample < end and size:
            length = size // 2
            if sample >= begins + length:
                begins += length
                at, size = next(rest, (0, 0))
                continue
            count = min(end, begins + length) - sample
            heard_ms = part.at_ms + (sample / SAMPLES_PER_MS - part.from_ms)
            yield _Timed(heard_ms, at + 2 * (sample - begins), count)
            sample += count


def _slices(voice: Iterable[_Timed], offset_ms: int) -> Iterator[Slice]:
    """What is said while another is not over yet is left out: moved behind it, all that follows would come late."""
    free = 0
    for timed in voice:
        start = round((timed.at_ms - offset_ms) * SAMPLES_PER_MS)
        cut = max(0, free - start)
        if cut < timed.samples:
            free = start + timed.samples
            yield Slice(start + cut, timed.at + 2 * cut, timed.samples - cut)


def _of_agent(spans: Iterable[tuple[str, list[Laid], Heard | None]], offset_ms: int) -> Iterator[Passage]:
    for item_id, laid, heard in spans:
        words = heard.word_ends if heard is not None else ()
        limit = laid[-1].from_ms + laid[-1].length_ms
        yield Passage(
            item_id=item_id,
            start_ms=round(laid[0].at_ms - offset_ms),
            end_ms=round(laid[-1].at_ms + laid[-1].length_ms - offset_ms),
            word_ends=tuple((round(_when(laid, end) - offset_ms), chars) for end, chars in words if end <= limit + 1.0),
        )


def _when(laid: Iterable[Laid], audio_ms: float) -> float:
    when = 0.0
    for piece in laid:
        if piece.from_ms > audio_ms:
            break
        when = piece.at_ms + min(piece.length_ms, audio_ms - piece.from_ms)
    return when


def _of_caller(said: dict[str, _Said], clock: CallerClock, offset_ms: int) -> Iterator[Passage]:
    for item_id, words in said.items():
        start = clock.at(words.start_ms) if words.start_ms is not None else None
        end = clock.at(words.end_ms) if words.end_ms is not None else None
        if start is not None:
            end = max(end, start) if end is not None else start
            yield Passage(item_id=item_id, start_ms=round(max(0.0, start - offset_ms)), end_ms=round(end - offset_ms))
