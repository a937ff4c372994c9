"""Leads as the agents read them."""

from datetime import UTC, datetime, timedelta

from agent_server.agents.lead_facts import facts_of
from storage.leads.leads import new_lead
from storage.leads.records import AnswerNote

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_agent_reads_each_question_in_its_words_the_newest_answer_first() -> None:
    notes = {
        "seats": AnswerNote(at=NOW, question="How many seats?"),
        "seats_now": AnswerNote(at=NOW + timedelta(hours=2), question="How many seats?"),
        "start": AnswerNote(at=NOW + timedelta(hours=1)),
    }
    answers = {"seats": "forty", "start": "Monday", "seats_now": "60", "old": "yes"}
    facts = facts_of(new_lead({"answers": answers, "answer_notes": notes}, now=NOW - timedelta(days=1)))
    assert list(facts.answers.items()) == [("How many seats?", "60"), ("start", "Monday"), ("old", "yes")]
