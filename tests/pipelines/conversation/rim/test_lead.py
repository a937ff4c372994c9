"""A quick stop on a steady line, and no gaps on a bad one: the policy alone, then with playback over a jittery line."""

from collections.abc import Iterator
from random import Random

import pytest

from pipelines.conversation.playback import BYTES_PER_MS, Playback
from pipelines.conversation.rim.lead import STEADY_MS, UNKNOWN_MS, WORST_MS, Lead
from pipelines.conversation.settings import Pacing

FRAME_MS = 20.0
BEAT_MS = 100.0


def listen(lead: Lead, seconds: float, jitter_ms: float = 0.0, *, from_ms: float = 0.0, seed: int = 1) -> None:
    """Frames that come late by up to ``jitter_ms``, in order."""
    random, arrived = Random(seed), from_ms
    for number in range(int(seconds * 1000 / FRAME_MS)):
        received = from_ms + (number + 1) * FRAME_MS
        arrived = max(arrived, received + 50.0 + random.uniform(0.0, jitter_ms))
        lead.frame(received, arrived)
        if number % 5 == 0:
            lead.moved(arrived)


def test_nothing_is_known_at_first() -> None:
    assert Lead().margin_ms == UNKNOWN_MS


def test_a_steady_line_needs_next_to_nothing() -> None:
    lead = Lead()
    listen(lead, 10.0)
    assert lead.margin_ms == STEADY_MS


def test_a_line_that_jitters_needs_as_much_and_a_little_more() -> None:
    lead = Lead()
    listen(lead, 10.0, 80.0)
    assert 80.0 <= lead.margin_ms <= 130.0


def test_what_was_bad_is_forgotten() -> None:
    lead = Lead()
    listen(lead, 10.0, 150.0)
    assert lead.margin_ms > 150.0
    listen(lead, 25.0, from_ms=10_000.0)
    assert lead.margin_ms < 30.0


def test_a_pause_of_the_client_is_no_lateness() -> None:
    lead = Lead()
    listen(lead, 10.0)
    lead.frame(10_020.0, 14_000.0)
    lead.frame(10_040.0, 14_020.0)
    lead.moved(14_020.0)
    assert lead.margin_ms == STEADY_MS


def test_neither_are_clocks_that_drift() -> None:
    lead = Lead()
    for number in range(3000):
        lead.frame(number * FRAME_MS, number * FRAME_MS * 1.0005)
        lead.moved(number * FRAME_MS)
    assert lead.margin_ms == STEADY_MS


def test_the_process_counts_too_and_there_is_a_most() -> None:
    lead = Lead()
    lead.late(40.0)
    assert lead.moved(0.0)
    assert lead.margin_ms == pytest.approx(60.0)
    lead.late(5000.0)
    lead.moved(0.0)
    assert lead.margin_ms == pytest.approx(75.0), "a hiccup is seldom"
    listen(lead, 5.0, 900.0)
    assert lead.margin_ms == WORST_MS


REPLIES = 40
REPLY_MS = 6_000.0
EACH_MS = 8_000.0
"""A reply and the caller's turn before it."""


def played(jitter_ms: float, margin_ms: float | None) -> tuple[float, float]:
    """Replies to a plain client over a line that delays each piece by up to so much: gaps in ms a reply, and how long
    the client plays on after a stop, in ms on average. ``margin_ms`` None: the lead follows the line."""
    random, lead, pacing = Random(7), Lead(), Pacing()
    uplink, gaps, ahead = 0.0, 0.0, []
    for number in range(REPLIES):
        playback = Playback(_with(pacing, lead.margin_ms if margin_ms is None else margin_ms))
        plays_until = arrived = 0.0
        for now in _moments(number * EACH_MS, (number + 1) * EACH_MS):
            if now % FRAME_MS == 0:
                uplink = max(uplink, now + random.uniform(0.0, jitter_ms))
                lead.frame(now, uplink)
            if now % BEAT_MS == 0 and lead.moved(now) and margin_ms is None:
                playback.pace(_with(pacing, lead.margin_ms))
            since = now - (number + 1) * EACH_MS + REPLY_MS
            if since < 0:
                continue
            if since == 0:
                playback.add(bytes(int(BYTES_PER_MS * REPLY_MS)))
            if pcm := playback.due(now):
                arrived = max(arrived, now + random.uniform(0.0, jitter_ms))
                gaps += max(0.0, arrived - plays_until) if plays_until else 0.0
                plays_until = max(arrived, plays_until) + len(pcm) / BYTES_PER_MS
            if not playback.is_empty:
                ahead.append(max(0.0, plays_until - now))
    return gaps / REPLIES, sum(ahead) / len(ahead)


def _with(pacing: Pacing, margin_ms: float) -> Pacing:
    return Pacing(lead_ms=pacing.chunk_ms + margin_ms, chunk_ms=pacing.chunk_ms)


def _moments(from_ms: float, until_ms: float) -> Iterator[float]:
    return (float(ms) for ms in range(int(from_ms), int(until_ms), 5))


def test_the_lead_follows_the_line() -> None:
    """The figures (``pytest -s``): a fixed lead is slow to stop on a good line or full of gaps on a bad one."""
    figures = {}
    for jitter_ms in (0.0, 20.0, 50.0, 100.0, 200.0):
        for margin_ms in (20.0, 40.0, 300.0, None):
            gaps, ahead = figures[jitter_ms, margin_ms] = played(jitter_ms, margin_ms)
            name = "following" if margin_ms is None else f"{margin_ms:.0f} ms"
            print(f"jitter {jitter_ms:3.0f} ms, margin {name:9}: gaps {gaps:4.0f} ms a reply, stops in {ahead:3.0f} ms")  # noqa: T201
    assert figures[0.0, None][1] < figures[0.0, 40.0][1] - 10.0, "a steady line stops sooner than with a fixed lead"
    for jitter_ms in (20.0, 50.0, 100.0, 200.0):
        assert figures[jitter_ms, None][0] < 5.0, f"{jitter_ms} ms of jitter are not heard"
    assert figures[100.0, 40.0][0] > 10.0, "they would be"
