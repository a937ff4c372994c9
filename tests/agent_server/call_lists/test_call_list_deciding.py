"""Who on a call list is dialled, when, and who no more: decided from values and the time."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from agent_server.call_lists.deciding import (
    APART,
    DIAL,
    UNDER_WAY,
    Decision,
    Dial,
    Ended,
    Later,
    Terms,
    decide,
    hours_within,
    is_attempt,
)
from agent_server.call_lists.leaving_out import LeavingOut, why_left_out
from agent_server.call_lists.pacing import may_take_line, next_turn
from agent_server.telephony.outbound.permission import CallFacts, CallingRules, Refused, may_call
from pipelines.calendar.rules import read_hours
from storage.calls.list_entries import CallOfEntry, Listed
from storage.calls.lists import RunningList
from storage.calls.outbound import ConsentOfNumber, OutboundCalls
from storage.erasure.digests import ErasedPeople, ErasedPerson
from storage.leads.records import LeadRecord

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
RULES = CallingRules(opens=time(9), closes=time(20))
TERMS = Terms(3, timedelta(hours=4), hours_within(None, RULES))
NOON = datetime(2026, 3, 3, 11, tzinfo=UTC)
"""A Tuesday, in Berlin."""

ENTRY = Listed(
    id=UUID(int=1),
    list_id=UUID(int=2),
    lead_id=UUID(int=3),
    status="waiting",
    tries=0,
    contact_phone="+4930123456",
    time_zone=None,
    lead_status="pending",
    booked=False,
)


def call(status: str = "no_answer", at: datetime = NOON, **about: Any) -> CallOfEntry:
    rang = status != "refused"
    facts: dict[str, Any] = {
        "entry_id": ENTRY.id,
        "id": "call_1",
        "status": status,
        "code": None,
        "retry_at": None,
        "answered_by": None,
        "conversation_id": "conv_1",
        "created_at": at,
        "dialled_at": at if rang else None,
        "answered_at": at if status in ("completed", "voicemail") else None,
        "ended_at": None if status in ("unknown", "ringing", "in_progress") else at + timedelta(minutes=1),
    }
    return CallOfEntry(**(facts | about))


def decided(
    *calls: CallOfEntry, now: datetime = NOON, refusal: Refused | None = None, terms: Terms = TERMS, **entry: Any
) -> Decision:
    return decide(structs.replace(ENTRY, **entry), calls, refusal, (BERLIN,), terms=terms, now=now)


def test_somebody_new_is_dialled_within_hours() -> None:
    assert decided() == DIAL
    assert decided(now=NOON.replace(hour=20)) == Later(datetime(2026, 3, 4, 8, tzinfo=UTC))
    only_friday = Terms(3, timedelta(hours=4), hours_within(read_hours("fri 07:00-12:00"), RULES))
    assert decided(terms=only_friday) == Later(datetime(2026, 3, 6, 8, tzinfo=UTC)), "no earlier than the server allows"
    never = Terms(3, timedelta(hours=4), hours_within(read_hours("sun 21:00-23:00"), RULES))
    assert decided(terms=never) == Ended("refused", "no_hours")


@pytest.mark.parametrize("status", ["no_answer", "busy", "failed", "voicemail"])
def test_who_did_not_answer_is_tried_again_at_another_time_of_day(status: str) -> None:
    first = call(status)
    assert decided(first, now=NOON + timedelta(minutes=2)) == Later(NOON + timedelta(hours=4, minutes=1))
    assert decided(first, now=NOON + timedelta(hours=5)) == DIAL
    second = call(status, NOON + timedelta(hours=5))
    at = decided(first, second, now=NOON + timedelta(hours=5, minutes=2))
    assert at == Later(datetime(2026, 3, 4, 8, tzinfo=UTC)), "9:00 is neither noon nor 17:00"
    third = call(status, NOON + timedelta(days=1, hours=-3))
    ended = decided(first, second, third, now=NOON + timedelta(days=2))
    named = {"busy": Ended("no_answer"), "failed": Ended("not_reached", "failed")}
    assert ended == named.get(status, Ended(status))  # type: ignore[arg-type]


def test_of_several_tries_the_one_that_tells_most_is_named() -> None:
    once = structs.replace(TERMS, attempts=2)
    broken = call("failed", NOON + timedelta(hours=5), code="carrier_error")
    later = NOON + timedelta(days=2)
    assert decided(call("voicemail"), call("no_answer", broken.created_at), now=later, terms=once) == Ended("voicemail")
    assert decided(call("busy"), broken, now=later, terms=once) == Ended("no_answer")
    assert decided(call("failed"), broken, now=later, terms=once) == Ended("not_reached", "carrier_error")


def test_whose_turn_found_no_line_is_dialled_with_the_next_and_not_on_another_day() -> None:
    ten_o_clock = NOON + timedelta(days=1, hours=-2)
    no_line = call("failed", ten_o_clock, code="lines_busy")
    assert decided(call(), no_line, now=ten_o_clock + timedelta(seconds=5)) == DIAL, "though it is nearer to noon now"


def test_a_day_later_is_not_the_same_time_of_day() -> None:
    daily = structs.replace(TERMS, retry_after=timedelta(hours=24))
    assert decided(call(), now=NOON + timedelta(minutes=5), terms=daily) == Later(NOON + timedelta(days=1) + APART)
    narrow = Terms(3, timedelta(hours=24), hours_within(read_hours("mon-sun 11:00-13:00"), RULES))
    at = decided(call(), now=NOON + timedelta(minutes=5), terms=narrow)
    assert at == Later(datetime(2026, 3, 4, 11, 1, tzinfo=UTC)), "where there is no other"


def test_who_was_reached_is_not_dialled_again_unless_they_asked_for_it() -> None:
    later = NOON + timedelta(days=1)
    assert decided(call("completed", answered_by="human"), now=later) == Ended("reached")
    assert decided(call("completed", kinds=("meeting", "lead_update")), now=later) == Ended("booked")
    assert decided(call("completed", kinds=("meeting", "opt_out")), now=later) == Ended("do_not_call")
    assert decided(call("completed", outcome="not_interested"), now=later) == Ended("not_interested")
    said_so = Refused("do_not_call", "")
    assert decided(call("completed"), now=later, refusal=said_so) == Ended("do_not_call"), "though no tool was told"
    asked = call("completed", outcome="call_back")
    assert decided(asked, now=later) == DIAL
    assert decided(asked, now=NOON + timedelta(minutes=2)) == Later(NOON + timedelta(hours=4, minutes=1))
    at_three = structs.replace(asked, call_back_at=NOON + timedelta(days=2, hours=3))
    assert decided(at_three, now=later) == Later(NOON + timedelta(days=2, hours=3))
    announced = call("voicemail", call_back_at=NOON + timedelta(days=2))
    assert decided(announced, now=later) == Later(NOON + timedelta(days=1) + APART), "by a machine"
    never = structs.replace(asked, call_back_at=NOON + timedelta(days=900))
    assert decided(never, now=later) == DIAL, "misunderstood"
    once = structs.replace(TERMS, attempts=1)
    assert decided(asked, now=later, terms=once) == Ended("call_back")
    assert decided(call("completed", answered_by="fax"), now=later) == Ended("not_reached", "fax")


@pytest.mark.parametrize("status", ["queued", "dialling", "ringing", "in_progress", "unknown"])
def test_a_call_that_is_not_over_is_waited_for(status: str) -> None:
    assert decided(call(status, ended_at=None), now=NOON + timedelta(days=3)) == UNDER_WAY


def test_what_happens_in_the_meantime_ends_it() -> None:
    tried = call()
    assert decided(tried, lead_id=None) == Ended("refused", "erased")
    assert decided(tried, booked=True) == Ended("booked")
    assert decided(tried, lead_status="not_interested") == Ended("not_interested")
    assert decided(tried, contact_phone=None) == Ended("refused", "no_phone")
    assert decided(tried, refusal=Refused("do_not_call", "")) == Ended("do_not_call")
    assert decided(tried, refusal=Refused("no_consent", "")) == Ended("refused", "no_consent")
    assert decided(call("failed", code="number_invalid")) == Ended("not_reached", "number_invalid")
    assert decided(call("canceled")) == Ended("not_reached", "canceled")


def test_what_the_law_puts_off_is_later() -> None:
    tomorrow = NOON + timedelta(days=1)
    assert decided(refusal=Refused("too_many_attempts", "", tomorrow)) == Later(tomorrow)
    late = Refused("outside_calling_hours", "", NOON + timedelta(hours=10))
    assert decided(refusal=late) == Later(datetime(2026, 3, 4, 8, tzinfo=UTC)), "within the hours of the list"
    assert decided(refusal=Refused("outside_calling_hours", "")) == Ended("refused", "time_zone_unknown")
    assert decided(refusal=Refused("already_in_call", "")) == Later(NOON + timedelta(minutes=10)), "they talk with us"


@pytest.mark.parametrize(
    "no_attempt",
    [
        call("refused", code="lines_busy"),
        call("failed", code="lines_busy"),
        call("failed", code="server_stopping", dialled_at=None),
        call("failed", code="carrier_unreachable"),
        call("refused", code="list_not_running"),
        call("refused", code="already_in_call"),
    ],
)
def test_what_rang_no_telephone_is_no_attempt(no_attempt: CallOfEntry) -> None:
    once = structs.replace(TERMS, attempts=1)
    assert decided(*[no_attempt] * 5, terms=once) == DIAL


def test_calls_of_a_list_are_spread_and_leave_lines_to_those_who_call_us() -> None:
    running = RunningList(
        id=UUID(int=2), purpose="x", hours=None, per_hour=60, at_once=3, attempts=3, retry_after_minutes=240,
        started_by=None, base_url=None, called_at=None, hold_until=None, under_way=0,
    )  # fmt: skip
    assert next_turn(running, NOON) == NOON
    assert next_turn(structs.replace(running, called_at=NOON), NOON) == NOON + timedelta(minutes=1)
    assert next_turn(structs.replace(running, called_at=NOON, per_hour=None), NOON) == NOON
    held = structs.replace(running, hold_until=NOON + timedelta(minutes=5))
    assert next_turn(held, NOON) == NOON + timedelta(minutes=5)
    taken = {
        limit: sum(may_take_line(limit=limit, active=each, awaited=0) for each in range(limit)) for limit in (1, 2, 20)
    }
    assert taken == {1: 0, 2: 1, 20: 15}
    assert not may_take_line(limit=20, active=10, awaited=5)


def test_who_is_left_out_of_a_new_list_and_why() -> None:
    lead = LeadRecord(id=UUID(int=3), contact_phone="+4930123456", created_at=NOON, updated_at=NOON)
    known = ConsentOfNumber(number="+4930123456", suppressed=False, consent="express_written", consent_until=None)

    def reason(lead: LeadRecord = lead, *, suppressed: bool = False, **about: Any) -> str | None:
        return why_left_out(lead, structs.replace(known, **about), RULES, NOON, suppressed=suppressed)

    assert reason() is None
    assert reason(structs.replace(lead, opted_out_at=NOON)) == "opted_out"
    assert reason(structs.replace(lead, status="not_interested")) == "not_interested"
    assert why_left_out(lead, None, RULES, NOON) == "no_phone"
    assert reason(suppressed=True) == "do_not_call", "they were erased, and wanted no calls"
    assert why_left_out(lead, structs.replace(known, suppressed=True), RULES, NOON) == "do_not_call"
    assert reason(consent=None) == reason(consent="express") == reason(consent_until=NOON) == "no_consent"
    assert reason(structs.replace(lead, custom={"consent": "no"})) == "no_consent"


async def test_a_number_is_called_once_and_not_where_its_person_was_erased_and_wanted_no_calls() -> None:
    numbers = ["+49 30 123456", "+4930123456", "+4930765432", "12", None]
    people = [
        LeadRecord(id=UUID(int=at), contact_phone=number, created_at=NOON, updated_at=NOON)
        for at, number in enumerate(numbers)
    ]

    class Records:
        async def consents_of(self, numbers: Sequence[str]) -> dict[str, ConsentOfNumber]:
            facts: Any = {"suppressed": False, "consent": "express_written", "consent_until": None}
            return {number: ConsentOfNumber(number=number, **facts) for number in numbers}

    class Erased:
        async def among(self, values: Sequence[Any]) -> dict[Any, ErasedPerson]:
            return {each: ErasedPerson(True, "keep", NOON) for each in values if each == ("phone", "+4930765432")}

    leaving_out = LeavingOut(cast(OutboundCalls, Records()), cast(ErasedPeople, Erased()), RULES, NOON)
    opted_out = structs.replace(people[0], opted_out_at=NOON)
    assert await leaving_out([opted_out]) == ["opted_out"], "whose number is free for another"
    assert await leaving_out(people) == [None, "same_number", "do_not_call", "no_phone", "no_phone"]
    assert await leaving_out(people[:1]) == ["same_number"], "on the next page of leads, too"


# Whatever happens

CALLS = st.sampled_from(
    [
        ("no_answer", None, None),
        ("busy", None, None),
        ("voicemail", None, None),
        ("failed", None, None),
        ("failed", "lines_busy", None),
        ("refused", "lines_busy", None),
        ("completed", None, None),
        ("completed", None, "call_back"),
        ("unknown", None, None),
    ]
)


@given(
    ends=st.lists(CALLS, max_size=12),
    zones=st.lists(st.sampled_from([BERLIN, NEW_YORK, ZoneInfo("Asia/Tokyo")]), min_size=1, max_size=2, unique=True),
    start=st.integers(0, 7 * 24 * 60),
    delays=st.lists(st.integers(0, 30 * 60), min_size=12, max_size=12),
    attempts=st.integers(1, 4),
    retry_minutes=st.sampled_from([1, 30, 240, 1440, 3000]),
    hours=st.sampled_from([None, "mon-fri 10:00-12:00", "sat 08:00-21:00, mon 13:00-14:00"]),
)
def test_nobody_is_dialled_outside_permission_twice_at_once_or_too_often(
    ends: list[tuple[str, str | None, str | None]],
    zones: list[ZoneInfo],
    start: int,
    delays: Sequence[int],
    attempts: int,
    retry_minutes: int,
    hours: str | None,
) -> None:
    """A person's whole time on a list: each call ends as it may, and they are looked at in time or late."""
    within = hours_within(read_hours(hours) if hours else None, RULES)
    terms = Terms(attempts, timedelta(minutes=retry_minutes), within)
    now = NOON + timedelta(minutes=start)
    calls: list[CallOfEntry] = []
    waits = iter(delays)
    for status, code, outcome in ends:
        for _ in range(30):  # until they are dialled or done
            facts = CallFacts(
                consent="express_written",
                zones=tuple(zones),
                in_call=any(each.is_open for each in calls),
                attempts=tuple(
                    each.dialled_at for each in calls if each.dialled_at and each.dialled_at > now - timedelta(days=1)
                ),
            )
            permission = may_call(facts, RULES, now)
            refusal = permission if isinstance(permission, Refused) else None
            decision = decide(ENTRY, calls, refusal, zones, terms=terms, now=now)
            if not isinstance(decision, Later):
                break
            assert decision.at > now, "or a process would look at them again and again"
            now = decision.at + timedelta(minutes=next(waits, 0))
        if not isinstance(decision, Dial):
            break
        assert refusal is None
        assert not any(each.is_open for each in calls), "never twice at once"
        assert sum(map(is_attempt, calls)) < attempts, "never more often"
        assert all(any(opens <= local.time() < closes for opens, closes in within[local.weekday()])
                   for local in (now.astimezone(zone) for zone in zones))  # fmt: skip
        assert not any(each.status == "completed" and each.outcome is None for each in calls), (
            "who was reached has peace"
        )
        calls.append(call(status, now, code=code, outcome=outcome))
        now += timedelta(minutes=3)
