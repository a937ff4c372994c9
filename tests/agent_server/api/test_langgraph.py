"""The agents over REST: asked, watched, looked at."""

import asyncio
import base64
import io
import json
import wave
from pathlib import Path
from typing import Any

import pytest
from api_server import ApiServer, error_of
from mistakes import breaks_at

from pipelines.conversation import facts

SPEECH = Path(__file__).parents[2] / "data" / "speech"
LEAD = {"company_name": "Acme", "notes": "They need better follow-up. Budget is 5,000 dollars a month."}
ASK = {"agent": "qualification", "input": {"lead": LEAD}}
SAY = {"agent": "conversation", "input": {"message": "What does it cost?"}}


async def watched(api: ApiServer, body: dict[str, Any], path: str = "stream", **headers: str) -> list[dict[str, Any]]:
    """The events of a run, each with its id."""
    async with api.operator.post(f"/api/langgraph/{path}", json=body, headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        return parsed((await response.read()).decode())


def parsed(text: str) -> list[dict[str, Any]]:
    events = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in lines:
            events.append({"id": lines["id"], "kind": lines["event"], "data": json.loads(lines["data"])})
    return events


async def test_an_agent_answers_with_no_model_at_all(api: ApiServer) -> None:
    async with api.operator.post("/api/langgraph/invoke", json=ASK) as response:
        assert response.status == 200
        reply = await response.json()
    assert (reply["agent"], reply["status"], reply["engine"]) == ("qualification", "completed", "rules")
    assert reply["output"]["tier"] in ("hot", "warm", "cold")
    assert set(reply) >= {"thread_id", "interrupts", "latency_ms", "cost_usd"}
    async with api.operator.get(f"/api/langgraph/state/{reply['thread_id']}") as response:
        state = await response.json()
    assert (state["agent"], state["status"], state["next"]) == ("qualification", "completed", [])
    assert state["values"]["output"] == reply["output"]


async def test_what_waits_for_an_answer_is_listed_until_it_is_answered(api: ApiServer) -> None:
    async with api.operator.post("/api/leads", json={"company_name": "Acme", "contact_name": "Ann Lee"}) as response:
        lead = await response.json()
    ask = {"agent": "bdr", "input": {"lead_id": lead["id"]}}
    async with api.operator.post("/api/langgraph/invoke", json=ask) as response:
        reply = await response.json()
    assert reply["status"] == "interrupted"
    (thread,) = await waiting(api, 1)
    assert (thread["thread_id"], thread["agent"]) == (reply["thread_id"], "bdr")
    assert (thread["lead_id"], thread["company_name"], thread["contact_name"]) == (lead["id"], "Acme", "Ann Lee")
    answer = {"agent": "bdr", "thread_id": reply["thread_id"], "input": {"confirmed": False}}
    async with api.operator.post("/api/langgraph/resume", json=answer) as response:
        assert (await response.json())["status"] == "completed"
    await waiting(api, 0)


async def waiting(api: ApiServer, many: int) -> list[dict[str, Any]]:
    """So many, once what was said of them is written."""
    async with asyncio.timeout(5):
        while True:
            async with api.operator.get("/api/langgraph/waiting") as response:
                items: list[dict[str, Any]] = (await response.json())["items"]
            if len(items) == many:
                return items
            await asyncio.sleep(0.05)


async def test_a_run_can_be_watched(api: ApiServer) -> None:
    events = await watched(api, ASK)
    assert [event["kind"] for event in events] == ["started", "node_started", "node_finished", "done"]
    assert events[-1]["data"]["output"]["score"] > 40
    assert len({event["id"] for event in events}) == len(events)


async def test_who_lost_the_line_gets_what_it_missed_and_nothing_runs_twice(api: ApiServer) -> None:
    events = await watched(api, ASK)
    rest = await watched(api, ASK, **{"Last-Event-ID": events[1]["id"]})
    assert rest == events[2:]
    assert await watched(api, ASK, **{"Last-Event-ID": events[0]["id"]}) == events[1:]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"agent": "nobody", "input": {}}, 400, "invalid_value"),
        ({"agent": "qualification"}, 400, "invalid_input"),
        ({"agent": "qualification", "input": {"lead": {"notes": 7}}}, 400, "invalid_input"),
        ({"agent": "qualification", "input": {"lead": {**LEAD, "comapny_size": 9}}}, 400, "invalid_input"),
        ({"agent": "bdr", "input": {"lead": LEAD, "duration": 60}}, 400, "invalid_input"),
        ({"agent": "conversation", "input": {"mesage": "hello"}}, 400, "invalid_input"),
        ({"agent": "qualification", "input": {"lead": LEAD}, "thread_id": "../x"}, 400, "invalid_value"),
        ({"input": {}}, 400, "missing_required_parameter"),
    ],
)
@pytest.mark.parametrize("path", ["invoke", "stream"])
async def test_wrong_requests_get_coded_errors(
    api: ApiServer, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    async with api.operator.post(f"/api/langgraph/{path}", json=body) as response:
        error = await error_of(response)
        assert (response.status, error["code"]) == (status, code)


async def test_a_misspelled_fact_is_named_and_a_kept_lead_may_be_sent_back(api: ApiServer) -> None:
    async with api.operator.post("/api/leads", json={"company_name": "Acme", "need": "faster answers"}) as response:
        kept = await response.json()
    for path, body in (
        ("langgraph/invoke", {"agent": "qualification", "input": {"lead": kept}}),
        ("leads/qualify", {"lead": kept}),
    ):
        async with api.operator.post(f"/api/{path}", json=body) as response:
            assert response.status == 200, await response.text()
    body = {"agent": "qualification", "input": {"lead": {**kept, "comapny_size": 9}}}
    async with api.operator.post("/api/langgraph/invoke", json=body) as response:
        error = await error_of(response)
    assert error["param"] == "input.lead.comapny_size"
    assert "company_size" in error["message"]
    async with api.operator.post("/api/leads/qualify", json=body["input"]) as response:
        assert (response.status, "comapny_size" in (await error_of(response))["message"]) == (400, True)
    async with api.operator.get("/api/openapi.json") as response:
        ask = (await response.json())["components"]["schemas"]["Ask"]["properties"]["input"]
    assert all(name in ask["description"] for name in ("company_size", "topic", "duration_minutes", "aloud"))


async def test_threads_nobody_has(api: ApiServer) -> None:
    async with api.operator.get("/api/langgraph/state/thread_nobody") as response:
        assert (response.status, (await error_of(response))["code"]) == (404, "thread_not_found")
    body = {"agent": "qualification", "thread_id": "thread_nobody", "input": "yes"}
    async with api.operator.post("/api/langgraph/resume", json=body) as response:
        assert (response.status, (await error_of(response))["code"]) == (404, "thread_not_found")


@pytest.mark.parametrize(
    ("last", "status", "code"),
    [
        ("stream_0:3", 404, "stream_not_found"),
        ("nonsense", 400, "invalid_event_id"),
        ("a:b", 400, "invalid_event_id"),
        ("é:1", 400, "invalid_event_id"),
    ],
)
async def test_events_nobody_has(api: ApiServer, last: str, status: int, code: str) -> None:
    async with api.operator.post("/api/langgraph/stream", json=ASK, headers={"Last-Event-ID": last}) as response:
        assert (response.status, (await error_of(response))["code"]) == (status, code)


async def test_what_is_over_cannot_be_resumed(api: ApiServer) -> None:
    async with api.operator.post("/api/langgraph/invoke", json=ASK) as response:
        thread_id = (await response.json())["thread_id"]
    body = {"agent": "qualification", "thread_id": thread_id, "input": "yes"}
    async with api.operator.post("/api/langgraph/resume", json=body) as response:
        assert (response.status, (await error_of(response))["code"]) == (409, "nothing_to_resume")


async def test_reading_needs_another_right_than_running(api: ApiServer) -> None:
    async with api.client.post("/api/langgraph/invoke", json=ASK, headers=await api.key("read")) as response:
        assert response.status == 403
    async with api.client.post("/api/langgraph/invoke", json=ASK) as response:
        assert response.status == 401


async def test_two_runs_of_one_thread_do_not_mix(api: ApiServer) -> None:
    body = {**ASK, "thread_id": "thread_shared"}

    async def ask() -> int:
        async with api.operator.post("/api/langgraph/invoke", json=body) as response:
            return response.status

    statuses = await asyncio.gather(*(ask() for _ in range(6)))
    assert set(statuses) <= {200, 409}
    assert 200 in statuses


async def said(api: ApiServer, message: str, thread_id: str | None = None, **more: Any) -> dict[str, Any]:
    body = {"agent": "conversation", "input": {"message": message, **more}}
    if thread_id is not None:
        body["thread_id"] = thread_id
    async with api.operator.post("/api/langgraph/invoke", json=body) as response:
        assert response.status == 200, await response.text()
        reply: dict[str, Any] = await response.json()
        return reply


async def test_a_conversation_over_rest_is_the_conversation_itself(api: ApiServer) -> None:
    first = await said(api, "What does it cost?")
    assert (first["status"], first["output"]["intent"]) == ("completed", "pricing")
    assert first["output"]["text"] == "It costs fifty dollars a month."
    second = await said(api, "And for twenty people?", first["thread_id"])
    assert second["thread_id"] == first["thread_id"]
    async with api.operator.get(f"/api/conversations/{first['thread_id']}") as response:
        conversation = await response.json()
    assert [item["heard_text"].strip() for item in conversation["items"]] == [
        "What does it cost?",
        "It costs fifty dollars a month.",
        "And for twenty people?",
        "It costs fifty dollars a month.",
    ]
    model = api.services.engines.models[0]
    roles = [message.role for message in model.requests[-1].messages]  # type: ignore[attr-defined]
    assert roles == ["system", "user", "assistant", "user"]


async def test_it_speaks_when_it_is_spoken_to(api: ApiServer) -> None:
    wav = base64.b64encode((SPEECH / "utterance-finished.wav").read_bytes()).decode()
    body = {"agent": "conversation", "input": {"audio": wav, "format": "wav"}}
    async with api.operator.post("/api/langgraph/invoke", json=body) as response:
        reply = await response.json()
    assert reply["status"] == "completed", reply
    assert reply["output"]["heard"] == "how much does it cost"
    with wave.open(io.BytesIO(base64.b64decode(reply["output"]["audio"]))) as spoken:
        assert spoken.getframerate() == 24_000
        assert spoken.getnframes() / 24_000 == pytest.approx(reply["output"]["audio_ms"] / 1000, abs=0.01)
    async with api.operator.get(f"/api/langgraph/state/{reply['thread_id']}") as response:
        assert "audio" not in (await response.json())["values"]["output"]


async def test_the_tokens_of_a_reply_are_streamed(api: ApiServer) -> None:
    events = await watched(api, {"agent": "conversation", "input": {"message": "What does it cost?"}})
    tokens = [event["data"]["text"] for event in events if event["kind"] == "token"]
    assert len(tokens) > 1
    assert "".join(tokens).strip() == events[-1]["data"]["output"]["text"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"message": ""},
        {"message": "hi", "audio": "AAAA"},
        {"audio": "not base64!"},
        {"message": "x" * 9000},
        {"audio": "AAAA", "format": "mp3"},
    ],
)
async def test_what_nobody_can_say_is_refused(api: ApiServer, given: dict[str, Any]) -> None:
    async with api.operator.post("/api/langgraph/invoke", json={"agent": "conversation", "input": given}) as response:
        assert (response.status, (await error_of(response))["code"]) == (400, "invalid_input")


async def test_audio_that_is_none_fails_the_run_with_a_code(api: ApiServer) -> None:
    body = {"agent": "conversation", "input": {"audio": "AAAAAAAA", "format": "wav"}}
    async with api.operator.post("/api/langgraph/invoke", json=body) as response:
        reply = await response.json()
    assert (reply["status"], reply["error"]["code"]) == ("failed", "invalid_audio")


async def test_a_mistake_in_a_turn_fails_the_run(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks_at(monkeypatch, facts.ModelText)
    async with api.operator.post("/api/langgraph/invoke", json=SAY) as response:
        reply = await response.json()
    assert (reply["status"], reply["error"]["code"]) == ("failed", "reply_failed")


@pytest.mark.parametrize("agent", ["qualification", "enrichment", "growth", "marketing", "bdr"])
async def test_every_agent_answers_with_no_keys_at_all(api: ApiServer, agent: str) -> None:
    body = {"agent": agent, "input": {"lead": LEAD}}
    async with api.operator.post("/api/langgraph/invoke", json=body) as response:
        assert response.status == 200
        reply = await response.json()
    assert reply["status"] in ("completed", "interrupted")
    assert reply["engine"] == "rules"
    assert reply["output"] or reply["interrupts"]
