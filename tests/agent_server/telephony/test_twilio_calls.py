"""Calls through a simulated Twilio, over its true wire protocol: answered, interrupted, put through, taken up again."""

import asyncio
from typing import Any

import msgspec
import pytest
from api_server import ApiServer
from dialling import AUTH_TOKEN, COLLEAGUE, Dial, StartPhone, telephone_audio
from mistakes import breaks_at
from scripted_engines import WORD_MS, scripted_engines

from agent_server.capacity.load import Load
from agent_server.hosting.breaking_off import SORRY
from agent_server.telephony import apologies, hanging_up, playback
from agent_server.telephony.media_stream import MOST_STREAMS
from agent_server.telephony.twilio.colleague import PRESS
from pipelines.conversation import facts
from pipelines.llm.port import ChatRequest, ToolCallDelta

NUMBER = "+14155550132"
GREETING = "Hello, this is the sales team."
LONG = "word " * 20


def answering(*replies: str | ToolCallDelta) -> Any:
    """The replies in order, the last one again and again."""
    left = list(replies)

    def answer(_: ChatRequest) -> str | ToolCallDelta:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


async def conversation_of(server: ApiServer) -> dict[str, Any]:
    listed: list[dict[str, Any]] = []
    async with asyncio.timeout(5):
        while not listed:  # it is written behind the call
            async with server.operator.get("/api/conversations") as answer:
                listed = (await answer.json())["items"]
    assert len(listed) == 1
    async with server.operator.get(f"/api/conversations/{listed[0]['id']}") as answer:
        found: dict[str, Any] = await answer.json()
    return found


async def test_a_call_is_answered_and_kept_with_who_called_and_what_was_heard(
    start_phone: StartPhone, dial: Dial
) -> None:
    engines = scripted_engines(["how much does it cost"], answering(GREETING, "It costs fifty dollars a month."))
    server = await start_phone(engines=engines)
    phone = await dial(server, calls_from=NUMBER)
    await phone.until(lambda: phone.heard_ms >= 1500)
    phone.call.handset.say(telephone_audio())
    await phone.until(lambda: phone.heard_ms >= 3000)
    phone.call.hang_up()
    await phone.over()
    assert phone.call.ended_by == "caller"

    found = await conversation_of(server)
    assert (found["channel"], found["status"]) == ("phone", "closed")
    assert found["metadata"] == {
        "carrier": "twilio",
        "call_id": phone.call.call_sid,
        "calls_from": NUMBER,
        "calls_to": "+14155550100",
    }
    assert [item["heard_text"] for item in found["items"]] == [
        GREETING,
        "how much does it cost",
        "It costs fifty dollars a month.",
    ]
    assert found["turns"][-1]["response_latency_ms"] > 0
    async with server.operator.get(f"/api/leads/{found['lead_id']}") as answer:
        assert (await answer.json())["contact_phone"] == NUMBER


async def test_a_caller_who_breaks_in_silences_the_agent_and_the_rest_counts_as_unheard(
    start_phone: StartPhone, dial: Dial
) -> None:
    server = await start_phone(engines=scripted_engines(["tell me the price"], answering(LONG, "Fifty dollars.")))
    phone = await dial(server)
    await phone.until(lambda: phone.heard_ms >= 1000)
    phone.call.handset.say(telephone_audio())
    await phone.until(lambda: phone.call.handset.drops > 0)
    cut_ms = phone.heard_ms
    await phone.until(lambda: phone.heard_ms >= cut_ms + 400)
    phone.call.hang_up()
    await phone.over()
    found = await conversation_of(server)
    heard = found["items"][0]["heard_text"].split()
    assert abs(len(heard) - cut_ms / 250) <= 1.5, "a word is 250 ms"
    assert found["items"][1]["heard_text"] == "tell me the price"


async def test_a_sound_that_is_no_word_costs_nothing_of_the_reply(start_phone: StartPhone, dial: Dial) -> None:
    server = await start_phone(engines=scripted_engines([""], answering("word " * 10)))
    phone = await dial(server)
    await phone.until(lambda: phone.heard_ms >= 600)
    phone.call.handset.say(telephone_audio()[8 * 500 : 8 * 600])
    await phone.until(lambda: phone.call.handset.drops > 0)
    await phone.until(lambda: phone.heard_ms >= 2500 - 20)
    await asyncio.sleep(0.3)
    phone.call.hang_up()
    await phone.over()
    (reply, *_) = (await conversation_of(server))["items"]
    assert reply["heard_text"].split() == ["word"] * 10
    assert phone.heard_ms <= 2500 + 20, "it went on where it stopped, and said nothing twice"


async def test_the_agent_hangs_up_after_its_good_bye(start_phone: StartPhone, dial: Dial) -> None:
    server = await start_phone(engines=scripted_engines(answer=answering("Thanks for calling. Goodbye.")))
    phone = await dial(server)
    await phone.over()
    assert (phone.call.ended_by, phone.call.streams, phone.call.said) == ("server", 1, [])
    assert phone.heard_ms >= 1000, "the good-bye was heard to its end"
    assert (await conversation_of(server))["status"] == "closed"


async def test_a_carrier_that_returns_no_marks_keeps_no_line_open(
    start_phone: StartPhone, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hanging_up, "LEFT_AT_THAT_MS", 300.0)
    monkeypatch.setattr(playback, "MARKS_LATE_MS", 500.0)
    server = await start_phone(engines=scripted_engines(answer=answering("Thanks for calling. Goodbye.")))
    phone = await dial(server, returns_marks=False)
    await phone.over()
    assert phone.call.ended_by == "server"
    assert phone.heard_ms >= 1000, "the good-bye was heard to its end"


HANDOFF = ToolCallDelta(
    0, '{"reason": "They want a person.", "summary": "They want a demo."}', "call_1", "handoff_to_person"
)


@pytest.mark.parametrize(
    ("announcement", "told"),
    [
        ("key", f"A call from Ada of Acme. They want a demo. {PRESS}"),
        ("tell", "A call from Ada of Acme. They want a demo."),
    ],
)
async def test_who_wants_a_person_is_put_through_to_one_who_knows_what_about(
    start_phone: StartPhone, dial: Dial, announcement: str, told: str
) -> None:
    engines = scripted_engines(answer=answering(HANDOFF, "I am putting you through."))
    server = await start_phone(engines=engines, TRANSFER_NUMBER=COLLEAGUE, TRANSFER_ANNOUNCEMENT=announcement)
    lead = {"company_name": "Acme", "contact_name": "Ada", "contact_phone": NUMBER}
    async with server.operator.post("/api/leads", json=lead) as answer:
        assert answer.status == 201
    phone = await dial(server, calls_from=NUMBER)
    await phone.over()
    assert (phone.call.dialled, phone.call.said, phone.call.streams) == ([COLLEAGUE], [], 1)
    assert set(phone.call.told_colleague) == {told}
    assert phone.heard_ms >= 1000, "what the agent said first was heard"
    assert [outcome["kind"] for outcome in (await conversation_of(server))["outcomes"]] == ["handoff"]


@pytest.mark.parametrize("colleague", ["no-answer", "voicemail"])
async def test_when_nobody_takes_the_call_the_agent_goes_on_with_it(
    start_phone: StartPhone, dial: Dial, monkeypatch: pytest.MonkeyPatch, colleague: str
) -> None:
    monkeypatch.setattr(hanging_up, "LEFT_AT_THAT_MS", 300.0)
    replies = answering(HANDOFF, "I am putting you through.", "Nobody is free. Goodbye.")
    engines = scripted_engines(answer=replies)
    server = await start_phone(engines=engines, TRANSFER_NUMBER=COLLEAGUE)
    phone = await dial(server, colleague=colleague)
    await phone.over()
    assert (phone.call.dialled, phone.call.said, phone.call.streams) == ([COLLEAGUE], [], 2)
    assert phone.call.ended_by == "server", "the second stream ends as the agent says, and is not put through again"
    items = (await conversation_of(server))["items"]
    assert [item["heard_text"] for item in items if item["role"] == "assistant"] == [
        "I am putting you through.",
        "Nobody is free. Goodbye.",
    ]
    (model,) = engines.models
    assert "nobody_answered" in str(model.requests[-1])  # type: ignore[attr-defined]


async def test_who_is_always_put_through_in_vain_is_told_so_at_last(
    start_phone: StartPhone, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hanging_up, "PUT_THROUGH_MS", 100.0)

    again = (msgspec.structs.replace(HANDOFF, call_id=f"call_{number}") for number in range(MOST_STREAMS))
    replies = answering(*(reply for call in again for reply in (call, "One moment.")))
    server = await start_phone(engines=scripted_engines(answer=replies), TRANSFER_NUMBER=COLLEAGUE)
    phone = await dial(server, colleague="busy")
    await phone.over(timeout_s=20)
    assert (phone.call.streams, phone.call.said) == (MOST_STREAMS, [apologies.NOBODY_FREE])
    assert phone.call.dialled == [COLLEAGUE] * MOST_STREAMS


async def test_zero_on_the_keypad_is_a_wish_for_a_person(start_phone: StartPhone, dial: Dial) -> None:
    server = await start_phone(engines=scripted_engines(answer=answering(LONG, "Sure, I am fetching somebody.")))
    phone = await dial(server)
    await phone.until(lambda: phone.heard_ms >= 500)
    phone.call.handset.press("0")
    await phone.until(lambda: phone.call.handset.drops > 0)
    cut_ms = phone.heard_ms  # it may be playing the answer already
    await phone.until(lambda: phone.heard_ms >= cut_ms + 500)
    phone.call.hang_up()
    await phone.over()
    _, wish, reply = (item["heard_text"] for item in (await conversation_of(server))["items"])
    assert wish == "I would like to talk to a person."
    assert reply.startswith("Sure")


async def test_a_stream_that_breaks_is_taken_up_in_the_same_conversation_however_busy_it_is(
    start_phone: StartPhone, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start_phone(engines=scripted_engines(answer=answering(GREETING, "Where were we?")))
    phone = await dial(server)
    await phone.until(lambda: phone.heard_ms >= 1500)
    monkeypatch.setattr(Load, "is_full", lambda *_: True)
    for socket in list(phone.call.sockets):
        await socket.close(code=1006)
    await phone.until(lambda: phone.call.streams == 2 and phone.heard_ms >= 2250)
    phone.call.hang_up()
    await phone.over()
    assert [item["heard_text"] for item in (await conversation_of(server))["items"]] == [GREETING, "Where were we?"]
    async with server.operator.get("/metrics") as answer:
        assert 'sales_agent_phone_calls_total{carrier="twilio",outcome="broken"}' in await answer.text()


async def test_a_call_rings_on_while_the_process_is_busy_for_a_moment(
    start_phone: StartPhone, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start_phone(engines=scripted_engines(answer=answering(GREETING)))
    first = await dial(server)
    await first.until(lambda: first.heard_ms > 0)
    monkeypatch.setattr(Load, "is_full", lambda *_, **__: True)
    second = await dial(server)
    await asyncio.sleep(0.3)
    assert (second.call.streams, second.call.said) == (0, [])
    monkeypatch.undo()
    await second.until(lambda: second.heard_ms > 0)
    for phone in (first, second):
        phone.call.hang_up()
        await phone.over()


async def test_a_call_that_a_mistake_of_ours_broke_is_told_so_and_goes_on(
    start_phone: StartPhone, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks_at(monkeypatch, facts.VoiceFinished)
    server = await start_phone(engines=scripted_engines(answer=answering(GREETING, "Where were we?")))
    phone = await dial(server)
    await phone.until(lambda: phone.call.streams == 2)
    told_ms = phone.heard_ms
    assert told_ms >= len(SORRY.split()) * WORD_MS
    assert (await conversation_of(server))["status"] in ("failed", "open")
    await phone.until(lambda: phone.heard_ms >= told_ms + 500)
    phone.call.hang_up()
    await phone.over()
    assert (await conversation_of(server))["items"][-1]["generated_text"].strip() == "Where were we?"


@pytest.mark.parametrize(("number", "dialled", "said"), [("", [], [apologies.BUSY]), (COLLEAGUE, [COLLEAGUE], [])])
async def test_a_call_too_many_is_told_or_goes_to_a_colleague(
    start_phone: StartPhone, dial: Dial, number: str, dialled: list[str], said: list[str]
) -> None:
    variables = {"TRANSFER_NUMBER": number} if number else {}
    server = await start_phone(MAX_CONVERSATIONS="1", **variables)
    first = await dial(server)
    await first.until(first.call.streaming.is_set)
    await first.until(lambda: first.heard_ms > 0)
    second = await dial(server)
    await second.over()
    assert (second.call.dialled, second.call.said, second.call.streams) == (dialled, said, 0)


async def test_a_withheld_number_is_no_obstacle(start_phone: StartPhone, dial: Dial) -> None:
    server = await start_phone()
    phone = await dial(server, calls_from="anonymous")
    await phone.until(lambda: phone.heard_ms > 0)
    phone.call.hang_up()
    await phone.over()
    assert (await conversation_of(server))["lead_id"] is None


async def test_who_wants_no_more_calls_is_on_the_list_though_the_carrier_left_out_the_plus(
    start_phone: StartPhone, dial: Dial
) -> None:
    server = await start_phone(engines=scripted_engines(["stop calling me"], answering(GREETING)))
    phone = await dial(server, calls_from=NUMBER.removeprefix("+"))
    await phone.until(lambda: phone.heard_ms >= 600)
    phone.call.handset.say(telephone_audio())
    async with asyncio.timeout(10):
        while not await server.services.calls.suppressed.holds(NUMBER):
            await asyncio.sleep(0.02)
    phone.call.hang_up()
    await phone.over()


async def test_nothing_is_answered_without_the_token(start_phone: StartPhone, dial: Dial) -> None:
    server = await start_phone(TWILIO_AUTH_TOKEN=AUTH_TOKEN[::-1])
    phone = await dial(server)
    with pytest.raises(Exception, match="403: Only Twilio may call this"):
        await phone.over()
