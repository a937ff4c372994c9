"""What a person's answer to an offer of times means."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.agents.bdr.answer import read_answer
from pipelines.agents.bdr.proposal import opening_by_rules

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 12, 7, 13, tzinfo=BERLIN)
TUESDAY, THURSDAY = datetime(2026, 12, 8, 10, tzinfo=BERLIN), datetime(2026, 12, 10, 14, tzinfo=BERLIN)
OFFERED = [TUESDAY, THURSDAY]


@pytest.mark.parametrize(
    ("answer", "meaning", "start"),
    [
        (True, "confirmed", TUESDAY),
        (False, "declined", None),
        (2, "confirmed", THURSDAY),
        ("2", "confirmed", THURSDAY),
        (" #1.", "confirmed", TUESDAY),
        ("Option 2", "confirmed", THURSDAY),
        ({"slot": "2"}, "confirmed", THURSDAY),
        ("9", "other_times", None),
        ("No thanks", "declined", None),
        ("Not the first but the second", "confirmed", THURSDAY),
        ("yes but not the first", "other_times", None),
        ("Not the first, the second", "confirmed", THURSDAY),
        ("The second, not the first", "confirmed", THURSDAY),
        ("the first one doesn't work for me", "other_times", None),
        ("I can\u2019t do the first", "other_times", None),
        ("not the last one", "other_times", None),
        ("The first does not work, but Thursday is fine", "confirmed", THURSDAY),
        ("No, thank you.", "declined", None),
        ("No thanks, Friday would be better", "other_times", None),
        ("yes", "confirmed", TUESDAY),
        ("Yes please, the second one", "confirmed", THURSDAY),
        ("Thursday works", "confirmed", THURSDAY),
        ("Let's do Tuesday at ten", "confirmed", TUESDAY),
        ("Friday would be better", "other_times", None),
        ("no", "other_times", None),
        ("Please stop calling me", "declined", None),
        ("hmm", "unclear", None),
        ("no, another time", "other_times", None),
        ({"confirmed": True}, "confirmed", TUESDAY),
        ({"approved": True, "slot": 2}, "confirmed", THURSDAY),
        ({"confirmed": True, "start": "2026-12-10T13:00:00+00:00"}, "confirmed", THURSDAY),
        ({"start": "2026-12-10T14:00"}, "confirmed", THURSDAY),
        ({"confirmed": False, "start": "2026-12-10T14:00"}, "declined", None),
        ({"answer": "the first"}, "confirmed", TUESDAY),
        ({"confirmed": "maybe"}, "unclear", None),
        (None, "unclear", None),
        ([], "unclear", None),
        (17, "unclear", None),
    ],
)
def test_answers(answer: Any, meaning: str, start: datetime | None) -> None:
    decision = read_answer(answer, OFFERED, NOW)
    assert (decision.meaning, decision.start) == (meaning, start)


@pytest.mark.parametrize(
    ("need", "about"),
    [
        ("too many missed calls", "a meeting with Acme about too many missed calls."),
        ("We need to reduce our no-shows", "a meeting with Acme about this: reduce your no-shows."),
        (None, "a meeting with Acme."),
    ],
)
def test_the_offer_speaks_to_its_reader(need: str | None, about: str) -> None:
    assert opening_by_rules({"company_name": "Acme", "need": need}, why=None).endswith(about)


def test_the_address_comes_with_the_answer() -> None:
    decision = read_answer({"confirmed": True, "email": " Sam@Example.COM ", "name": "Sam"}, OFFERED, NOW)
    assert (decision.email, decision.name) == ("sam@example.com", "Sam")


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=40)
    | st.sampled_from(["yes", "no", "the second", "thursday", "later", "2026-12-10T14:00", "2026-12-11T09:00:00Z"])
    | st.datetimes().map(datetime.isoformat)
)
MEMBERS = ("confirmed", "approved", "start", "slot", "answer", "email", "name")


@given(LEAVES | st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS, LEAVES)))
def test_any_answer_is_read_and_only_offered_times_are_booked(answer: Any) -> None:
    decision = read_answer(answer, OFFERED, NOW)
    assert (decision.start in OFFERED) == (decision.meaning == "confirmed")
