"""The report of response latencies."""

from datetime import UTC, datetime

from api_server import ApiServer

from storage.conversations.records import ConversationRecord, TurnRecord

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def report(api: ApiServer, **query: str) -> tuple[int, dict]:
    async with api.operator.get("/api/reports/latency", params=query) as response:
        return response.status, await response.json()


async def test_a_reply_is_in_the_report_of_its_day(api: ApiServer) -> None:
    log = api.services.conversation_log
    log.conversation(ConversationRecord(id="conv_1", channel="phone", created_at=AT, updated_at=AT))
    timings = {"speech_end_ms": 1000.0, "turn_end_ms": 1200.0, "model_start_ms": 1100.0, "first_token_ms": 1300.0}
    timings |= {"model": "cerebras/llama", "speculated": True}
    log.turn("conv_1", TurnRecord(item_id="item_2", response_latency_ms=380.04, timings=timings, created_at=AT))
    assert await log.flush("conv_1", 10)
    status, found = await report(api, first="2026-03-01", last="2026-03-02")
    assert status == 200
    assert (found["first"], found["last"], found["replies"]) == ("2026-03-01", "2026-03-02", 1)
    assert found["p50_ms"] == found["p95_ms"] == found["spread"][0]["ms"]
    assert found["days"] == [{"day": "2026-03-01", "replies": 1, "p50_ms": found["p50_ms"], "p95_ms": found["p95_ms"]}]
    assert {(one["stage"], one["provider"]) for one in found["stages"]} == {
        ("end_of_turn", ""),
        ("first_token", "cerebras/llama"),
    }
    (slow,) = found["slowest"]
    assert (slow["conversation_id"], slow["turn"]["item_id"]) == ("conv_1", "item_2")
    assert slow["turn"]["response_latency_ms"] == 380.0
    assert found["channel"] is None
    status, widget = await report(api, first="2026-03-01", last="2026-03-02", channel="widget")
    assert (status, widget["channel"], widget["replies"]) == (200, "widget", 0)
    status, typed = await report(api, first="2026-03-01", last="2026-03-02", spoken="false")
    assert (status, typed["replies"], typed["p50_ms"], typed["slowest"]) == (200, 0, None, [])


async def test_a_range_that_makes_no_sense_is_refused(api: ApiServer) -> None:
    for query in ({"first": "2026-03-02", "last": "2026-03-01"}, {"first": "2020-01-01", "last": "2026-03-01"}):
        status, found = await report(api, **query)
        assert (status, found["error"]["code"], found["error"]["param"]) == (400, "invalid_value", "first")
