"""Conversations are listed and shown as they happened, to the moment."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from api_server import ApiServer

from storage.conversations.records import ConversationRecord, ItemRecord, TurnRecord

BEGAN = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


def record(number: int, **fields: object) -> ConversationRecord:
    at = BEGAN + timedelta(minutes=number)
    values = {"id": f"conv_{number}", "channel": "widget", "created_at": at, "updated_at": at, **fields}
    return ConversationRecord(**values)  # type: ignore[arg-type]


async def test_one_conversation_with_items_and_turns(api: ApiServer) -> None:
    log = api.services.conversation_log
    log.conversation(record(1, session={"type": "realtime"}))
    said = {"created_at": BEGAN, "updated_at": BEGAN, "role": "user", "heard_text": "how much"}
    reply = ItemRecord(
        id="item_2",
        position=2.0,
        role="assistant",
        status="incomplete",
        generated_text="It costs fifty dollars a month.",
        synthesised_text="It costs fifty dollars a month.",
        sent_text="It costs fifty dollars",
        heard_text="It costs fifty",
        created_at=BEGAN,
        updated_at=BEGAN,
    )
    log.item("conv_1", ItemRecord(id="item_1", position=1.0, intent="pricing", intent_confidence=0.9, **said))  # type: ignore[arg-type]
    log.item("conv_1", ItemRecord(id="item_0", position=0.5, deleted=True, **said))  # type: ignore[arg-type]
    log.item("conv_1", reply)
    timings = {"first_token_ms": 100.0, "interrupted": True, "of_a_later_release": 1}
    log.turn("conv_1", TurnRecord(item_id="item_2", response_latency_ms=380.0, timings=timings, created_at=BEGAN))
    async with api.operator.get("/api/conversations/conv_1") as response:
        assert response.status == 200
        shown = await response.json()
    assert (shown["id"], shown["channel"], shown["status"]) == ("conv_1", "widget", "open")
    assert shown["created_at"] == "2030-01-31T12:01:00Z"
    assert [item["id"] for item in shown["items"]] == ["item_1", "item_2"]
    assert shown["items"][0]["intent"] == "pricing"
    last = shown["items"][1]
    assert [last[f"{text}_text"] for text in ("generated", "synthesised", "sent", "heard")] == [
        "It costs fifty dollars a month.",
        "It costs fifty dollars a month.",
        "It costs fifty dollars",
        "It costs fifty",
    ]
    (turn,) = shown["turns"]
    assert (turn["item_id"], turn["response_latency_ms"], turn["first_token_ms"]) == ("item_2", 380.0, 100.0)
    assert turn["interrupted"] is True
    assert turn["transcript_ms"] is None


async def test_the_list_filters_and_pages(api: ApiServer) -> None:
    lead = uuid4()
    for number in range(6):
        fields = {"status": "closed" if number % 2 else "open", "lead_id": lead if number == 3 else None}
        await api.services.conversations.create(record(number, **fields))

    async def ids(**params: str) -> list[str]:
        async with api.operator.get("/api/conversations", params=params) as response:
            assert response.status == 200
            return [entry["id"] for entry in (await response.json())["items"]]

    assert await ids() == [f"conv_{number}" for number in (5, 4, 3, 2, 1, 0)]
    assert await ids(status="closed") == ["conv_5", "conv_3", "conv_1"]
    assert await ids(lead_id=str(lead)) == ["conv_3"]
    assert await ids(channel="phone") == []
    assert await ids(until=(BEGAN + timedelta(minutes=2)).isoformat()) == ["conv_1", "conv_0"]
    async with api.operator.get("/api/conversations", params={"limit": "4", "status": "open"}) as response:
        assert (await response.json())["next_cursor"] is None
    async with api.operator.get("/api/conversations", params={"limit": "4"}) as response:
        page = await response.json()
    assert await ids(limit="4", cursor=page["next_cursor"]) == ["conv_1", "conv_0"]


async def test_a_conversation_tells_whose_it_was(api: ApiServer) -> None:
    lead = {"company_name": "Acme", "contact_name": "Ann Lee"}
    async with api.operator.post("/api/leads", json=lead) as response:
        lead_id = (await response.json())["id"]
    await api.services.conversations.create(record(1, lead_id=UUID(lead_id)))
    async with api.operator.get("/api/conversations/conv_1") as response:
        shown = await response.json()
    async with api.operator.get("/api/conversations") as response:
        (listed,) = (await response.json())["items"]
    for told in (shown, listed):
        assert (told["contact_name"], told["company_name"]) == ("Ann Lee", "Acme")


async def test_a_conversation_that_was_just_held(api: ApiServer) -> None:
    async with api.operator.ws_connect("/v1/realtime?channel=terminal") as socket:
        await socket.receive_json()
        conversation = (await socket.receive_json())["conversation"]["id"]
        part = {"type": "input_text", "text": "How much does it cost?"}
        item = {"type": "message", "role": "user", "content": [part]}
        await socket.send_json({"type": "conversation.item.create", "item": item})
        while (await socket.receive_json())["type"] != "conversation.item.done":
            pass
        async with api.operator.get(f"/api/conversations/{conversation}") as response:
            shown = await response.json()
    assert shown["channel"] == "terminal"
    assert [entry["heard_text"] for entry in shown["items"]] == ["How much does it cost?"]
