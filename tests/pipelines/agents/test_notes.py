"""What is read out of a lead's notes, and what agents that go by facts make of it."""

from typing import Any

import pytest
from agent_world import running_agents

from pipelines.agents.lead import LeadFacts
from pipelines.agents.notes import with_notes
from pipelines.knowledge.index import load_knowledge
from storage.postgres.database import Database

NOTES = "They need fewer missed calls. Budget is 5,000 dollars a month. They want to start next month."


def test_need_budget_and_date_are_read() -> None:
    found = with_notes(LeadFacts(company_name="Acme", notes=NOTES))
    assert (found.need, found.timing) == ("fewer missed calls", "next month")
    assert found.budget is not None
    assert "5,000" in found.budget


def test_what_is_known_already_stays() -> None:
    lead = LeadFacts(need="a new system", budget="none yet", timing="in May", notes=NOTES)
    assert with_notes(lead) == lead


@pytest.mark.parametrize(
    "notes", [None, "", "Met at a fair.", "There is no budget.", "needs " + "x" * 20_000, "\n.;!?"]
)
def test_notes_that_tell_nothing(notes: str | None) -> None:
    lead = LeadFacts(company_name="Acme", notes=notes)
    assert with_notes(lead) == lead


@pytest.mark.parametrize(("agent", "shown"), [("growth", "opportunities"), ("marketing", "email")])
async def test_rules_go_by_what_the_notes_tell(database: Database, agent: str, shown: str) -> None:
    lead: dict[str, Any] = {"company_name": "Acme", "contact_title": "VP Sales", "notes": NOTES}
    async with running_agents(database, knowledge=load_knowledge()) as world:
        reply = await world.agents.invoke(agent, {"lead": lead})
    assert reply.engine == "rules"
    assert reply.output is not None
    assert "fewer missed calls" in str(reply.output[shown])
