"""Carries the engine's word times back to the words of the text. Pure."""

from collections.abc import Sequence

from pipelines.tts.port import SpokenWord
from pipelines.tts.spoken_form import SpokenToken


def spoken_text(tokens: Sequence[SpokenToken]) -> str:
    """What the engine is given; ``word_times`` counts characters in it."""
    return " ".join(token.spoken for token in tokens if token.spoken)


def word_times(
    tokens: Sequence[SpokenToken], marks: Sequence[tuple[int, float]], duration_ms: float, offset_ms: float = 0.0
) -> tuple[SpokenWord, ...]:
    """The time of every written word, in order, without gaps or overlaps.

    ``marks``: where a word begins in the spoken text (characters, from 0) and in the audio (ms). A written word may
    hold several (an address) or none (one the engine ran into its neighbour: it then gets its share of the neighbour's
    time by length). A word that is not spoken takes no time. ``offset_ms`` is added to all.
    """
    if not tokens:
        return ()
    starts = _start_times(tokens, marks, duration_ms)
    ends = [*starts[1:], duration_ms]
    return tuple(
        SpokenWord(text=token.written, start_ms=offset_ms + start, end_ms=offset_ms + end)
        for token, start, end in zip(tokens, starts, ends, strict=True)
    )


def _start_times(tokens: Sequence[SpokenToken], marks: Sequence[tuple[int, float]], duration_ms: float) -> list[float]:
    """By interpolation in characters between the marks that begin a word; clamped so that time never runs back."""
    anchors = _anchors(tokens, marks, duration_ms)
    starts = []
    place = 0
    index = 0
    for token in tokens:
        while index + 1 < len(anchors) and anchors[index + 1][0] <= place:
            index += 1
        (low, low_ms), (high, high_ms) = anchors[index], anchors[min(index + 1, len(anchors) - 1)]
        share = (place - low) / (high - low) if high > low else 0.0
        starts.append(low_ms + share * (high_ms - low_ms))
        if token.spoken:
            place += len(token.spoken) + 1
    return starts


def _anchors(
    tokens: Sequence[SpokenToken], marks: Sequence[tuple[int, float]], duration_ms: float
) -> list[tuple[int, float]]:
    """Known places: for each spoken word the first mark within it, the start of the text and its end."""
    firsts: dict[int, float] = {}
    place = 0
    ordered = sorted(marks)
    index = 0
    for token in tokens:
        if not token.spoken:
            continue
        end = place + len(token.spoken)
        while index < len(ordered) and ordered[index][0] < place:
            index += 1
        if index < len(ordered) and ordered[index][0] < end:
            firsts[place] = ordered[index][1]
        place = end + 1
    anchors = [(0, 0.0)]
    for position, at_ms in firsts.items():
        if position > anchors[-1][0] and at_ms >= anchors[-1][1]:
            anchors.append((position, min(at_ms, duration_ms)))
    return [*anchors, (max(place, anchors[-1][0] + 1), duration_ms)]
