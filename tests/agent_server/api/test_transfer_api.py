"""Work handed from one agent to another over REST, with what is known."""

from typing import Any

from api_server import ApiServer, error_of

from pipelines.agents.handover import Handover, handed_over, lead_of_state
from pipelines.agents.lead import LeadFacts
from storage.conversations.records import ConversationRecord


async def posted(api: ApiServer, path: str, body: dict[str, Any], status: int = 200) -> Any:
    async with api.operator.post(path, json=body) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def test_a_conversation_is_handed_to_an_agent_with_what_was_said(api: ApiServer) -> None:
    said = "We need fewer missed calls, and our budget is 5,000 dollars a month."
    talk = await posted(
        api, "/api/langgraph/invoke", {"agent": "conversation", "input": {"message": said, "aloud": False}}
    )
    body = {"conversation_id": talk["thread_id"], "to_agent": "qualification", "note": "Sounds serious."}
    moved = await posted(api, "/api/transfer", body)
    assert moved["from_agent"] == "conversation"
    assert moved["context"]["notes"].splitlines()[:2] == ["Sounds serious.", said]
    assert moved["reply"]["status"] == "completed"
    assert moved["reply"]["output"]["criteria"]["budget"]["points"] > 0, "it read what was said"
    same = await posted(api, "/api/transfer", {"thread_id": talk["thread_id"], "to_agent": "growth"})
    assert (same["from_agent"], same["reply"]["agent"]) == ("conversation", "growth")


async def test_a_thread_is_handed_on_with_its_lead_and_what_it_found(api: ApiServer) -> None:
    lead = await posted(api, "/api/leads", {"company_name": "One", "notes": "They bake.", "industry": "food"}, 201)
    first = await posted(api, "/api/langgraph/invoke", {"agent": "qualification", "input": {"lead_id": lead["id"]}})
    body = {"thread_id": first["thread_id"], "to_agent": "marketing", "note": "Invite them."}
    moved = await posted(api, "/api/transfer", body)
    assert (moved["from_agent"], moved["lead_id"]) == ("qualification", lead["id"])
    notes = moved["context"]["notes"]
    assert notes.startswith("Invite them.\nFound by the agent qualification: ") and notes.endswith("They bake.")
    assert moved["reply"]["output"]["email"]["subject"]
    asked = await posted(
        api, "/api/transfer", {"thread_id": moved["reply"]["thread_id"], "to_agent": "research", "note": "Who is One?"}
    )
    assert asked["reply"]["output"]["question"] == "Who is One?"


async def test_who_talked_with_somebody_writes_to_them(api: ApiServer) -> None:
    await posted(api, "/api/agent-profiles", {"slug": "bikes", "name": "Zoë", "company": "Bol Bikes"}, 201)
    now = api.services.utc_now()
    talk = ConversationRecord(id="conv_1", channel="widget", agent="bikes", created_at=now, updated_at=now)
    await api.services.conversations.create(talk)
    moved = await posted(api, "/api/transfer", {"conversation_id": "conv_1", "to_agent": "marketing"})
    assert moved["reply"]["output"]["sender"] == {"agent": "bikes", "name": "Zoë", "company": "Bol Bikes"}
    assert "Zoë from Bol Bikes" in moved["reply"]["output"]["email"]["body"]


async def test_what_cannot_be_handed_over(api: ApiServer) -> None:
    for body, status, code in (
        ({"to_agent": "bdr"}, 400, "invalid_value"),
        ({"to_agent": "bdr", "thread_id": "x", "conversation_id": "y"}, 400, "invalid_value"),
        ({"to_agent": "conversation", "thread_id": "x"}, 400, "invalid_value"),
        ({"to_agent": "bdr", "thread_id": "x"}, 404, "thread_not_found"),
        ({"to_agent": "bdr", "conversation_id": "conv_x"}, 404, "conversation_not_found"),
    ):
        async with api.operator.post("/api/transfer", json=body) as answer:
            assert (answer.status, (await error_of(answer))["code"]) == (status, code), body


def test_what_is_handed_over_is_bounded() -> None:
    lead = handed_over(LeadFacts(notes="n" * 20_000), Handover(note="Go.", said=["word " * 1000] * 100))
    assert lead.notes is not None
    assert len(lead.notes) == 8000
    assert handed_over(LeadFacts(), Handover()).notes is None
    assert lead_of_state({"lead": {"company_name": 7}}) == LeadFacts()
    assert lead_of_state({"lead": {"company_name": "One", "other": 1}}) == LeadFacts(company_name="One")
