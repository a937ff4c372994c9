"""Answers to the operator's own questions: told by callers, corrected by people; later words win."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.agents.profiles import AgentProfiles, ProfileFacts, ProfileQuestion
from storage.conversations.conversations import Conversations
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord
from storage.errors import StorageError
from storage.leads.answers import MOST_ANSWERS, WrittenAnswers, news_of, of_both, with_news, with_written
from storage.leads.leads import Leads, new_lead
from storage.leads.records import AnswerNote, LeadRecord
from storage.postgres.database import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEATS = "How many seats?"


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def a_lead(**answers: str) -> LeadRecord:
    notes = {key: AnswerNote(at=NOW, question=f"{key}?") for key in answers}
    return new_lead({"answers": answers, "answer_notes": notes}, now=NOW)


def written(**words: Any) -> WrittenAnswers:
    return WrittenAnswers(words=words, key_id="key_1", key_name="Maria")


def test_what_a_conversation_repeats_is_no_news() -> None:
    one, two = {"answers": {"seats": "forty"}}, {"answers": {"seats": "forty", "start": " Monday\n"}}
    assert news_of(one, []) == {"seats": "forty"}
    assert news_of(two, [one]) == {"start": "Monday"}
    assert news_of({"answers": {"seats": "fifty"}}, [one]) == {"seats": "fifty"}
    assert news_of(one, [one, {"answers": {"seats": "fifty"}}]) == {"seats": "forty"}, "said otherwise, and back again"
    assert news_of({"answers": {"Seats": "x", "a": "", "b": 5}}, []) == news_of({"answers": "x"}, []) == {}


def test_a_note_says_what_was_asked_when_and_who_wrote_it() -> None:
    told = with_news(a_lead(), {"seats": "forty"}, {"seats": SEATS}, now=later(1))
    assert told.answer_notes["seats"] == AnswerNote(at=later(1), question=SEATS)
    mended = with_written(told, written(seats="60"), now=later(2))
    assert (mended.answers, mended.updated_at) == ({"seats": "60"}, later(2))
    assert mended.answer_notes["seats"] == AnswerNote(at=later(2), question=SEATS, key_id="key_1", key_name="Maria")
    again = with_news(mended, {"seats": "seventy"}, {}, now=later(3))
    assert again.answer_notes["seats"] == AnswerNote(at=later(3), question=SEATS), "of a question that is gone"
    assert with_news(mended, {"seats": "60"}, {}, now=later(3)) is mended
    gone = with_written(mended, written(seats=None), now=later(3))
    assert (gone.answers, gone.answer_notes["seats"].key_name) == ({}, "Maria")
    assert with_written(gone, written(seats=None), now=later(4)) is gone
    assert with_news(gone, {"seats": "80"}, {}, now=later(4)).answers == {"seats": "80"}


def test_who_read_an_answer_that_is_another_by_now_is_told() -> None:
    lead = a_lead(seats="forty")
    for seen in ({"seats": "thirty"}, {"seats": None}, {"start": "Monday"}):
        with pytest.raises(StorageError) as refused:
            with_written(lead, WrittenAnswers(words={"seats": "60"}, seen=seen), now=NOW)
        assert refused.value.code == "answer_changed"
    seen = {"seats": "forty", "start": None}
    assert with_written(lead, WrittenAnswers(words={"seats": "60"}, seen=seen), now=NOW).answers == {"seats": "60"}


def test_a_lead_has_so_many_answers_and_no_more() -> None:
    full = a_lead(**{f"q{number}": "x" for number in range(MOST_ANSWERS)})
    assert with_news(full, {"another": "y", "q0": "y"}, {}, now=NOW).answers.keys() == full.answers.keys()
    with pytest.raises(StorageError) as refused:
        with_written(full, written(another="y"), now=NOW)
    assert refused.value.code == "answers_full"
    assert len(with_written(full, written(another="y", q0=None), now=NOW).answers) == MOST_ANSWERS
    for number in range(2 * MOST_ANSWERS):
        full = with_written(full, written(**{f"q{number}": None, f"q{number + MOST_ANSWERS}": "x"}), now=NOW)
    assert len(full.answers) == MOST_ANSWERS < len(full.answer_notes) <= 2 * MOST_ANSWERS


def test_of_two_leads_that_are_one_person_the_later_answer_stays() -> None:
    kept = with_written(a_lead(seats="forty", start="Monday"), written(seats="60"), now=later(5))
    gone = with_news(a_lead(size="large"), {"seats": "50", "start": "Friday"}, {}, now=later(3))
    both = of_both(kept, gone)
    assert both["answers"] == {"size": "large", "seats": "60", "start": "Friday"}
    assert {key: note.key_name for key, note in both["answer_notes"].items()} == {
        "size": None,
        "seats": "Maria",
        "start": None,
    }
    taken = with_written(kept, written(seats=None), now=later(6))
    assert of_both(taken, gone)["answers"] == {"size": "large", "start": "Friday"}
    assert of_both(gone, taken)["answers"] == {"size": "large", "start": "Friday"}


async def test_a_persons_word_outlives_what_the_conversation_repeats_and_yields_to_what_is_said_later(
    database: Database,
) -> None:
    moments = iter(range(1, 100))
    outcomes, leads = Outcomes(database, now=lambda: later(next(moments))), Leads(database)
    question = ProfileQuestion("seats", SEATS)
    await AgentProfiles(database).create("bikes", ProfileFacts(questions=(question,)), by=None, now=NOW)
    await AgentProfiles(database).create(
        "boats", ProfileFacts(questions=(ProfileQuestion("seats", "For how many?"),)), by=None, now=NOW
    )
    for name in ("conv_1", "conv_2"):
        await Conversations(database).create(
            ConversationRecord(id=name, channel="phone", agent="bikes", created_at=NOW, updated_at=NOW)
        )
    await outcomes.record("1", "conv_1", "lead_update", {"email": "ada@x.com", "answers": {"seats": "forty"}})
    (lead,) = (await leads.list()).items
    assert lead.answer_notes["seats"].question == SEATS
    mended = await leads.patch(lead.id, {}, answers=written(seats="60"), now=later(1))
    assert mended is not None
    await outcomes.record("2", "conv_1", "lead_update", {"answers": {"seats": "forty", "start": "Monday"}})
    after = await leads.get(lead.id)
    assert after is not None
    assert (after.answers, after.answer_notes["seats"].key_name) == ({"seats": "60", "start": "Monday"}, "Maria")
    await outcomes.record("3", "conv_2", "lead_update", {"email": "ada@x.com", "answers": {"seats": "seventy"}})
    said = await leads.get(lead.id)
    assert said is not None
    assert (said.answers["seats"], said.answer_notes["seats"].key_name) == ("seventy", None)
    assert said.answer_notes["start"].question is None, "nobody asks that"
