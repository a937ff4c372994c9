"""A prospect by voice through the whole server: greeted, looked up, scored, offered times, booked.

The caller's audio is recorded speech over the true protocol; what it says is scripted in the simulated recogniser,
since the embedded one mishears addresses and names. Model: the playbook. Apollo is the simulator.
"""

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import aiohttp
from live_server import speech
from prospect_talk import LINES, TALKS_FAST, WANTED, conversation_of, replied, spoken, typed, visitor_key
from simulated_world import KEY, StartWorld, simulate, start  # noqa: F401 - fixtures

from storage.crm.contacts import ContactRow, save_contacts


async def test_a_prospect_is_greeted_looked_up_scored_and_booked_by_voice(start: StartWorld) -> None:  # noqa: F811
    world = await start({"script": {"sentences": LINES}, **TALKS_FAST}, WANTED)
    async with world.connect() as connection:
        conversation_id = await conversation_of(connection)
        await connection.response.create()
        said = [await replied(connection)]
        for _ in LINES:
            said.append(await spoken(connection, speech("go-forward")))
    booked = await world.until_row(
        "SELECT * FROM conversation_outcomes WHERE conversation_id = $1 AND kind = 'meeting'", conversation_id
    )
    assert booked["lead_id"] is not None, said
    data = json.loads(booked["data"]) if isinstance(booked["data"], str) else booked["data"]
    assert data["email"] == "bill@initech.com"
    day = datetime.fromisoformat(data["start"]).astimezone()
    assert any(f"{day:%A}" in line for line in said[2:]), "the day that was booked is the day that was said"
    lead = await world.until_row(
        "SELECT * FROM leads WHERE id = $1 AND qualification_score IS NOT NULL AND contact_title IS NOT NULL",
        booked["lead_id"],
    )
    assert (lead["contact_email"], lead["status"], lead["team_size"]) == ("bill@initech.com", "meeting_booked", 25)
    assert lead["qualification_score"] >= 70
    runs = await world.rows(
        "SELECT agent_type, status FROM agent_executions WHERE conversation_id = $1", conversation_id
    )
    assert {"qualification", "enrichment"} <= {row["agent_type"] for row in runs if row["status"] == "success"}
    tools = await world.rows("SELECT name, status FROM tool_calls WHERE conversation_id = $1", conversation_id)
    assert {("book_meeting", "success"), ("update_lead", "success")} <= {(row["name"], row["status"]) for row in tools}
    assert await world.until_row("SELECT 1 FROM speech_usage WHERE conversation_id = $1", conversation_id)
    items = await world.rows(
        "SELECT heard_text FROM conversation_items WHERE conversation_id = $1 AND role = 'user' ORDER BY position",
        conversation_id,
    )
    assert [row["heard_text"] for row in items] == list(LINES)


async def test_who_is_known_is_looked_up_before_the_first_question(start: StartWorld) -> None:  # noqa: F811
    world = await start({}, WANTED)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as http:
        async with http.post(f"{world.url}/api/leads", json={"contact_email": "ann.lee@acme.com"}) as made:
            lead_id = (await made.json())["id"]
        async with http.get(f"{world.url}/v1/realtime?lead={uuid4()}") as refused:
            assert (refused.status, (await refused.json())["error"]["code"]) == (404, "lead_not_found")
    async with world.connect(lead=lead_id) as connection:
        await conversation_of(connection)
        lead = await world.until_row("SELECT * FROM leads WHERE id = $1 AND company_name IS NOT NULL", UUID(lead_id))
        assert (lead["contact_name"], lead["company_name"]) == ("Ann Lee", "Acme")
        await world.until_row("SELECT 1 FROM qualification_results WHERE lead_id = $1", UUID(lead_id))
        said = [await typed(connection, line) for line in ("hello", "we need to answer calls faster")]
    assert not any("your company" in line.lower() or "your name" in line.lower() for line in said)


async def test_a_known_number_is_looked_up_before_the_first_question(start: StartWorld) -> None:  # noqa: F811
    """The number finds a contact of the CRM, its address finds the rest in Apollo; a line with no number goes on."""
    world = await start({}, WANTED)
    row = ContactRow(
        id="c1", reference="r1", crm_platform="close", phone="+14155550132", email="ann.lee@acme.com",
        created_at=datetime.now(UTC), updated_at=datetime.now(UTC),
    )  # fmt: skip
    async with world.services.database.transaction() as transaction:
        await save_contacts(transaction, [row])
    async with world.connect(**{"from": "+1 (415) 555-0132", "channel": "phone"}) as connection:
        conversation_id = await conversation_of(connection)
        lead = await world.until_row("SELECT * FROM leads WHERE company_name IS NOT NULL")
        assert (lead["contact_name"], lead["contact_phone"]) == ("Ann Lee", "+14155550132")
        said = [await typed(connection, line) for line in ("hello", "we need to answer calls faster")]
        assert not any("your company" in line.lower() or "your name" in line.lower() for line in said)
    call = await world.until_row("SELECT lead_id FROM conversations WHERE id = $1", conversation_id)
    assert call["lead_id"] == lead["id"]
    async with world.connect(**{"from": "anonymous"}) as connection:
        conversation_id = await conversation_of(connection)
        await typed(connection, "hello")
    call = await world.until_row("SELECT lead_id FROM conversations WHERE id = $1", conversation_id)
    assert call["lead_id"] is None
    url = f"{world.url}/v1/realtime?from=ann.lee@acme.com"
    key = {"Authorization": f"Bearer {await visitor_key(world)}"}
    async with aiohttp.ClientSession(headers=key) as http, http.get(url) as refused:
        assert (refused.status, (await refused.json())["error"]["code"]) == (403, "from_not_allowed")
