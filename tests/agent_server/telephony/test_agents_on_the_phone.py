"""Who answers which number, and who calls: agents that are written while the server runs, on a simulated carrier."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from api_server import ApiServer
from dialling import COLLEAGUE, Dial, StartPhone
from eventually import eventually
from msgspec import structs
from outbound_world import world
from scripted_engines import scripted_engines

from agent_server.telephony import hanging_up
from pipelines.llm.port import ChatRequest, ToolCallDelta
from pipelines.playbook.model import Playbook

OURS, OTHER, THEIRS = "+14155550100", "+14155550101", "+14155550106"
BIKES = {
    "slug": "bikes",
    "name": "Zoë",
    "company": "Bol Bikes",
    "greeting": "Zoë here, of Bol Bikes. What do you need?",
    "numbers": [OURS],
    "transfer_number": COLLEAGUE,
}


async def wrote(server: ApiServer, **fields: Any) -> None:
    async with server.operator.post("/api/agent-profiles", json=BIKES | fields) as answer:
        assert answer.status == 201, await answer.text()


async def opening_of(server: ApiServer, agent: str) -> str:
    """The first words heard in the conversation with it."""
    async with asyncio.timeout(8):
        while True:
            async with server.operator.get(f"/api/conversations?agent={agent}") as answer:
                listed = (await answer.json())["items"]
            if listed and listed[0]["status"] == "closed":
                break
            await asyncio.sleep(0.02)
    async with server.operator.get(f"/api/conversations/{listed[0]['id']}") as answer:
        heard: str = (await answer.json())["items"][0]["heard_text"]
        return heard


HANDOFF = ToolCallDelta(0, '{"reason": "They want a person."}', "call_1", "handoff_to_person")


def opens_and_fetches(request: ChatRequest) -> str | ToolCallDelta:
    """The playbook's first words, then a colleague."""
    if request.messages[-1].role == "tool":
        return "One moment."
    return HANDOFF if any(message.role == "user" for message in request.messages) else Playbook().reply(request).text


async def test_the_number_says_who_answers_and_to_whom_it_puts_through(
    start_phone: StartPhone, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hanging_up, "PUT_THROUGH_MS", 100.0)
    server = await start_phone(engines=scripted_engines(answer=opens_and_fetches), COMPANY_NAME="Acme")
    await wrote(server)
    phone = await dial(server, calls_to=OURS)
    other = await dial(server, calls_to=OTHER)
    await phone.until(lambda: phone.heard_ms >= 1000)
    phone.call.handset.press("0")
    await other.until(lambda: other.heard_ms >= 3000)  # past the name
    other.call.hang_up()
    await phone.over()
    assert phone.call.dialled == [COLLEAGUE]
    assert (await opening_of(server, "bikes")).startswith("Zoë here, of Bol")
    assert "Acme" in await opening_of(server, "default")


async def test_a_call_of_ours_opens_as_the_law_wants_whatever_the_greeting(dsn: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        engines = structs.replace(scripted_engines(), models=(Playbook(),))
        here = await stack.enter_async_context(world(dsn, tmp_path, engines, COMPANY_NAME="Acme"))
        await wrote(here.server)
        lead_id = await here.lead(THEIRS, contact_name="Jane Doe")
        refused = await here.refusal(lead_id=lead_id, agent="gone")
        assert refused[:2] == (404, "agent_profile_not_found")
        call = await here.call(lead_id=lead_id, purpose="your trial", agent="bikes")
        assert call["agent"] == "bikes"
        await eventually(lambda: here.people[0].phone.handset.played_bytes >= 8 * 2900)
        here.people[0].phone.hang_up()
        await here.until_status(call, "completed")
        heard = await opening_of(here.server, "bikes")
        assert heard.startswith("Hello Jane, this is Zoë, the AI assistant at Bol")
        assert "What do you need" not in heard
