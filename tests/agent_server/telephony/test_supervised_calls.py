"""A person beside a telephone call: they take over, are heard, vanish, and hang up."""

import asyncio
from typing import Any

from api_server import ApiServer
from dialling import COLLEAGUE, Dial, StartPhone, telephone_audio
from msgspec import structs
from scripted_engines import scripted_engines

from agent_server.settings.deadlines import DeadlineSettings
from agent_server.telephony import hanging_up
from pipelines.conversation.settings import Limits
from pipelines.llm.port import ToolCallDelta

LONG = "word " * 40


async def live_conversation(server: ApiServer) -> str:
    async with asyncio.timeout(5):
        while True:  # it is written behind the call
            async with server.operator.get("/api/conversations?status=open") as answer:
                if listed := (await answer.json())["items"]:
                    return str(listed[0]["id"])


async def ask(server: ApiServer, conversation_id: str, what: str, **body: Any) -> dict[str, Any]:
    async with server.operator.post(f"/api/conversations/{conversation_id}/{what}", json=body) as answer:
        found: dict[str, Any] = await answer.json()
        assert answer.status == 200, found
        return found


async def heard(server: ApiServer, conversation_id: str) -> list[tuple[str | None, str | None, str]]:
    async with server.operator.get(f"/api/conversations/{conversation_id}") as answer:
        items = (await answer.json())["items"]
    return [(item["role"], item["said_by"], item["heard_text"]) for item in items]


async def test_a_person_takes_over_a_call_speaks_and_hangs_up(start_phone: StartPhone, dial: Dial) -> None:
    server = await start_phone(engines=scripted_engines(["who are you"], lambda _: LONG))
    phone = await dial(server)
    await phone.until(lambda: phone.heard_ms >= 500)
    conversation_id = await live_conversation(server)
    lease = (await ask(server, conversation_id, "takeover", name="Maria"))["lease"]
    await phone.until(lambda: phone.call.handset.drops > 0)
    cut_ms = phone.heard_ms
    await ask(server, conversation_id, "say", text="This is Maria.", lease=lease)
    await phone.until(lambda: phone.heard_ms >= cut_ms + 700)
    phone.call.handset.say(telephone_audio()[: 8 * 1400])
    async with asyncio.timeout(10):
        while ("user", None, "who are you") not in await heard(server, conversation_id):
            await asyncio.sleep(0.05)
    await ask(server, conversation_id, "end", farewell="Good-bye.", lease=lease)
    await phone.over()
    assert phone.call.ended_by == "server"
    first, *rest = await heard(server, conversation_id)
    assert 0 < len(first[2].split()) < 30
    assert rest == [
        ("assistant", "operator", "This is Maria."),
        ("user", None, "who are you"),
        ("assistant", "operator", "Good-bye."),
    ]


async def test_who_is_about_to_be_put_through_stays_with_the_person_who_takes_over(
    start_phone: StartPhone, dial: Dial, monkeypatch: Any
) -> None:
    monkeypatch.setattr(hanging_up, "PUT_THROUGH_MS", 100.0)
    replies = iter([ToolCallDelta(0, '{"reason": "They want a person."}', "call_1", "handoff_to_person"), LONG])
    server = await start_phone(engines=scripted_engines(answer=lambda _: next(replies)), TRANSFER_NUMBER=COLLEAGUE)
    phone = await dial(server)
    await phone.until(lambda: phone.heard_ms >= 500)
    conversation_id = await live_conversation(server)
    lease = (await ask(server, conversation_id, "takeover", name="Maria"))["lease"]
    for text in ("This is Maria.", "How are you?"):
        so_far_ms = phone.heard_ms
        await ask(server, conversation_id, "say", text=text, lease=lease)
        await phone.until(lambda so_far_ms=so_far_ms: phone.heard_ms >= so_far_ms + 700)
    await ask(server, conversation_id, "end", lease=lease)
    await phone.over()
    assert not phone.call.dialled


async def test_a_caller_whose_person_vanished_is_answered_by_the_agent(
    start_phone: StartPhone, dial: Dial, monkeypatch: Any
) -> None:
    limits = structs.replace(Limits(), operator_silent_ms=1200.0)
    monkeypatch.setattr(DeadlineSettings, "limits", property(lambda _: limits))
    server = await start_phone(engines=scripted_engines(["are you there"], lambda _: "Hello, I am here."))
    phone = await dial(server)
    await phone.until(lambda: phone.heard_ms >= 500)
    conversation_id = await live_conversation(server)
    await ask(server, conversation_id, "takeover", name="Maria")
    phone.call.handset.say(telephone_audio()[: 8 * 1400])
    async with asyncio.timeout(15):
        while [item[0] for item in await heard(server, conversation_id)][-2:] != ["user", "assistant"]:
            await asyncio.sleep(0.05)
    phone.call.hang_up()
    await phone.over()
    async with server.operator.get(f"/api/conversations/{conversation_id}") as answer:
        acts = (await answer.json())["acts"]
    assert [(act["kind"], act["name"], act["key_name"]) for act in acts] == [
        ("takeover", "Maria", "first key"),
        ("lapse", "Maria", None),
    ]
