"""Answers to the operator's own questions, as rules and models of agents read them."""

import msgspec
from agent_world import running_agents
from fake_gateway import FakeGateway

from pipelines.agents.claims import is_supported
from pipelines.agents.growth.findings import of_lead
from pipelines.agents.lead import MOST_ANSWERS_CHARS, GivenLead, LeadFacts
from pipelines.agents.marketing.facts import facts_of_lead
from pipelines.agents.notes import with_notes
from pipelines.agents.own_answers import with_answers
from pipelines.agents.qualification.rules import by_rules
from storage.postgres.database import Database

ANSWERS = {
    "How many seats do you need?": "about sixty",
    "What is your budget?": "5,000 dollars a month",
    "When do you want to start?": "Next Monday",
    "Which colour?": "blue",
}
CHARS_A_TOKEN = 4
USD_A_TOKEN = 0.10 / 1_000_000
"""Of the model that is asked unless another is set, in and out."""


def test_rules_read_what_a_question_asks_for() -> None:
    read = with_answers(LeadFacts(answers=ANSWERS))
    assert (read.team_size, read.budget, read.timing, read.need) == (60, "5,000 dollars a month", "Next Monday", None)
    own = with_answers(LeadFacts(answers=ANSWERS, team_size=12))
    assert own.team_size == 12, "what is known of the lead goes first"
    assert with_notes(LeadFacts(answers={"What is your budget?": "we have no budget"})).budget is None
    unsure = LeadFacts(answers={"How many seats do you need?": "no idea", "What is your budget?": "you tell me?"})
    assert (with_answers(unsure).team_size, with_answers(unsure).budget) == (None, None)


def test_they_count_for_the_score() -> None:
    before, after = by_rules(LeadFacts(company_name="Acme")), by_rules(LeadFacts(company_name="Acme", answers=ANSWERS))
    assert after.score >= before.score + 30
    assert after.criteria["budget"].evidence == "5,000 dollars a month"
    assert set(before.missing) - set(after.missing) == {"budget", "timing", "fit"}


def test_however_much_was_answered_an_agent_reads_a_bounded_part() -> None:
    many = {f"What about number {number}?": "x" * 500 for number in range(100)}
    kept = LeadFacts(answers=many).known()["answers"]
    assert list(kept) == list(many)[: len(kept)]
    assert 3 < len(kept) < 10
    assert sum(len(question) + len(words) for question, words in kept.items()) <= MOST_ANSWERS_CHARS
    assert LeadFacts().known() == {}


def test_a_lead_is_given_back_as_the_api_shows_it() -> None:
    shown = {
        "answers": {"seats": "60"},
        "answer_notes": {"seats": {"at": "2026-03-01T12:00:00Z", "question": "How many?"}},
    }
    assert msgspec.convert(shown, GivenLead).known() == {"answers": {"seats": "60"}}


def test_growth_and_marketing_have_them_as_facts() -> None:
    lead = LeadFacts(company_name="Acme", answers=ANSWERS).known()
    assert ("Which colour?", "blue") in [(found["title"], found["text"]) for found in of_lead(lead)]
    assert "Which colour?: blue" in facts_of_lead(lead)
    assert is_supported("You have 5,000 dollars a month.", facts_of_lead(lead))


async def test_a_model_qualifies_by_them_within_its_budget(database: Database) -> None:
    found = {"points": 14, "evidence": "said so"}
    reply = {**dict.fromkeys(("need", "budget", "authority", "timing", "fit"), found), "reasoning": "Good. Call."}
    gateway = FakeGateway(lambda _: reply)
    most = {f"How many of number {number} do you need?": "some words to say that " * 8 for number in range(20)}
    async with running_agents(database, gateway=gateway) as world:
        for answers in (ANSWERS, most):
            done = await world.agents.invoke("qualification", {"lead": {"company_name": "Acme", "answers": answers}})
            assert done.latency_ms < 1000
    few, many = gateway.requests
    assert '"Which colour?":"blue"' in few.messages[-1].content
    schema = len(msgspec.json.encode(many.response_schema))
    tokens = (sum(len(message.content) for message in many.messages) + schema) / CHARS_A_TOKEN
    assert (tokens + len(msgspec.json.encode(reply)) / CHARS_A_TOKEN) * USD_A_TOKEN < 0.0001
