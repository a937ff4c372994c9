"""Latencies over all conversations: what the log writes is counted by day, stage and provider, whatever comes twice."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from storage.conversations.records import Channel, ConversationRecord, TurnRecord
from storage.ledger.turn_figures import TurnFigures
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import Database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
WITHIN = 0.021
"""How far a percentile may be from the exact one: half a bucket."""
STAGE_WITHIN = 0.042


def turn(number: int, latency_ms: float | None, *, day: int = 0, typed: bool = False, **timings: Any) -> TurnRecord:
    spoken = {} if typed else {"turn_end_ms": 1200.0, "transcript_ms": 1100.0}
    return TurnRecord(
        item_id=f"item_{number}",
        response_latency_ms=latency_ms,
        timings={"speech_end_ms": 1000.0, "turn_end_ms": None, **spoken, **timings},
        created_at=NOON + timedelta(days=day),
    )


async def write(database: Database, *turns: TurnRecord, channel: Channel = "phone") -> None:
    conversation = {"phone": "conv_1"}.get(channel, f"conv_{channel}")
    async with ConversationLog(database) as log:
        log.conversation(ConversationRecord(id=conversation, channel=channel, created_at=NOON, updated_at=NOON))
        for one in turns:
            log.turn(conversation, one)
        assert await log.flush(conversation, 10)


async def test_percentiles_of_days_are_those_of_the_turns(database: Database) -> None:
    chance = random.Random(7)
    latencies = {day: [chance.lognormvariate(6, 0.5) for _ in range(200)] for day in (0, 1)}
    turns = [turn(100_000 * day + i, ms, day=day) for day, all_ms in latencies.items() for i, ms in enumerate(all_ms)]
    await write(database, *turns)
    days = await TurnFigures(database).by_day(FIRST, LAST, spoken=True)
    assert [one.day for one in days] == [FIRST, FIRST + timedelta(days=1)]
    for one, all_ms in zip(days, latencies.values(), strict=True):
        exact = sorted(all_ms)
        assert one.replies == 200
        assert one.p50_ms == pytest.approx(exact[99], rel=WITHIN)
        assert one.p95_ms == pytest.approx(exact[189], rel=WITHIN)


async def test_a_stage_is_told_for_each_provider_that_did_it(database: Database) -> None:
    model = {"model_start_ms": 1100.0, "first_token_ms": 1300.0, "first_audio_ms": 1360.0, "voice": "cartesia"}
    slow = {**model, "first_token_ms": 2100.0, "first_audio_ms": 2200.0, "model": "anthropic/claude"}
    turns = [turn(i, 380.0, model="cerebras/llama", recognizer="flux", **model) for i in range(3)]
    await write(database, *turns, turn(9, 1300.0, **slow))
    stages = await TurnFigures(database).by_stage(FIRST, LAST, spoken=True)
    assert {(one.stage, one.provider): one.replies for one in stages} == {
        ("reply", ""): 4,
        ("end_of_turn", "flux"): 3,
        ("end_of_turn", ""): 1,
        ("transcript", "flux"): 3,
        ("transcript", ""): 1,
        ("first_token", "cerebras/llama"): 3,
        ("first_token", "anthropic/claude"): 1,
        ("first_audio", "cartesia"): 4,
    }
    medians = {one.provider: one.p50_ms for one in stages if one.stage == "first_token"}
    assert medians["cerebras/llama"] == pytest.approx(200, rel=STAGE_WITHIN)
    assert medians["anthropic/claude"] == pytest.approx(1000, rel=STAGE_WITHIN)


async def test_replies_to_speech_and_to_text_are_told_apart(database: Database) -> None:
    text = {"model_start_ms": 1000.0, "first_token_ms": 1020.0, "first_audio_ms": 1020.0, "voice": "cartesia"}
    await write(database, turn(1, 400.0), turn(2, 20.0, typed=True, **text), turn(3, None))
    figures = TurnFigures(database)
    (typed,) = await figures.by_day(FIRST, LAST, spoken=False)
    (spoken,) = await figures.by_day(FIRST, LAST, spoken=True)
    assert (typed.replies, spoken.replies) == (1, 1)
    assert typed.p50_ms == pytest.approx(20, rel=WITHIN)
    # A reply in text waits for no voice.
    assert {one.stage for one in await figures.by_stage(FIRST, LAST, spoken=False)} == {"reply", "first_token"}


async def test_a_turn_written_again_counts_once_as_it_is_last(database: Database) -> None:
    await write(database, turn(1, 400.0), turn(2, 500.0))
    await write(database, turn(1, 4000.0), turn(2, 500.0))
    spread = await TurnFigures(database).spread(FIRST, LAST, spoken=True)
    assert [(one.ms, one.replies) for one in spread] == [
        (pytest.approx(500, rel=WITHIN), 1),
        (pytest.approx(4000, rel=WITHIN), 1),
    ]


async def test_the_slowest_come_with_their_conversations(database: Database) -> None:
    latencies = (300.0, 900.0, 100.0, 700.0, 800.0)
    await write(database, *(turn(i, ms, day=i % 2) for i, ms in enumerate(latencies)), turn(9, 5000.0, day=40))
    found = await TurnFigures(database).slowest(FIRST, LAST, spoken=True, limit=3)
    assert [one.response_latency_ms for one in found] == [900.0, 800.0, 700.0]
    assert {(one.conversation_id, one.channel, one.contact_name) for one in found} == {("conv_1", "phone", None)}
    assert await TurnFigures(database).slowest(FIRST, LAST, spoken=False, limit=3) == ()


async def test_a_channel_is_told_by_itself(database: Database) -> None:
    await write(database, turn(1, 400.0), turn(2, 900.0))
    await write(database, turn(1, 90.0), turn(2, 90.0), channel="widget")
    await write(database, turn(1, 100.0), channel="widget")  # told again, and counted once
    figures = TurnFigures(database)
    of_widget = TurnFigures(database, channel="widget")
    (phone,) = await TurnFigures(database, channel="phone").by_day(FIRST, LAST, spoken=True)
    assert (phone.replies, phone.p50_ms) == (2, pytest.approx(400, rel=WITHIN))
    (both,) = await figures.by_day(FIRST, LAST, spoken=True)
    assert (both.replies, both.p50_ms) == (4, pytest.approx(100, rel=WITHIN))
    widget = await of_widget.slowest(FIRST, LAST, spoken=True, limit=5)
    assert [(one.channel, one.response_latency_ms) for one in widget] == [("widget", 100.0), ("widget", 90.0)]
    assert [one.response_latency_ms for one in await figures.slowest(FIRST, LAST, spoken=True, limit=2)] == [900, 400]
    assert {one.replies for one in await of_widget.by_stage(FIRST, LAST, spoken=True)} == {2}
    assert await TurnFigures(database, channel="api").spread(FIRST, LAST, spoken=True) == ()


async def test_a_day_ends_at_midnight_utc(database: Database) -> None:
    late = TurnRecord(
        item_id="item_1",
        response_latency_ms=400.0,
        timings={"turn_end_ms": 1.0},
        created_at=datetime(2026, 3, 2, tzinfo=UTC) - timedelta(microseconds=1),
    )
    await write(database, late)
    figures = TurnFigures(database)
    assert [one.day for one in await figures.by_day(FIRST, FIRST, spoken=True)] == [FIRST]
    assert await figures.by_day(FIRST + timedelta(days=1), LAST, spoken=True) == ()


async def test_nothing_is_known_of_an_empty_database(database: Database) -> None:
    figures = TurnFigures(database)
    assert await figures.by_stage(FIRST, LAST, spoken=True) == ()
