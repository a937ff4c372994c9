"""The weeks before the demo's day: as they might have been, and within the law."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from agent_server.cli.showing.crowd import Crowd
from agent_server.cli.showing.past.weeks import DAYS, Past, Weeks
from agent_server.telephony.outbound.permission import CallingRules, is_within_hours
from storage.agents.profiles import ProfileFacts

NOW = datetime(2026, 11, 30, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))
FACTS = ProfileFacts(name="Ava", company="Acme Voice")


@cache
def past(now: datetime = NOW) -> Past:
    return Weeks(now, FACTS, Crowd(1), seed=1).past()


def test_every_working_day_has_talks_and_calls_and_nothing_is_in_the_future() -> None:
    found = past()
    talks = Counter(talk.conversation.created_at.astimezone(NOW.tzinfo).date() for talk in found.talks)
    calls = Counter(call.created_at.astimezone(NOW.tzinfo).date() for call in found.calls)
    working = [day for ahead in range(1, DAYS) if (day := (NOW - timedelta(days=ahead)).date()).weekday() < 5]
    assert all(talks[day] > 3 and calls[day] > 3 for day in working)
    assert all(talk.conversation.updated_at < NOW for talk in found.talks)
    assert all(call.updated_at < NOW for call in found.calls)
    assert all(lead.updated_at < NOW for lead in found.leads)


def test_nobody_was_called_against_the_law() -> None:
    found = past()
    zones = {lead.id: ZoneInfo(lead.time_zone or "") for lead in found.leads}
    agreed = {one.lead_id: one.at for one in found.consents}
    refused = Counter(call.code for call in found.calls if call.status == "refused")
    assert refused.keys() == {"outside_calling_hours", "no_consent"}
    for call in found.calls:
        assert call.lead_id is not None
        if call.dialled_at is not None:
            assert is_within_hours([zones[call.lead_id]], CallingRules(), call.created_at)
            assert agreed[call.lead_id] < call.dialled_at
    opted_out = {
        talk.conversation.lead_id: effect.at
        for talk in found.talks
        for effect in talk.effects
        if effect.name == "opt_out"
    }
    late = [call for call in found.calls if call.lead_id in opted_out and call.created_at > opted_out[call.lead_id]]
    assert late == []


def test_calls_have_the_conversations_that_were_held_in_them() -> None:
    found = past()
    held = {talk.conversation.id for talk in found.talks}
    of_calls = {call.conversation_id for call in found.calls}
    assert {call.conversation_id in held for call in found.calls if call.status in ("completed", "voicemail")} == {True}
    assert {call.status for call in found.calls if call.conversation_id not in held} == {"no_answer", "busy", "refused"}
    assert len(held - of_calls) > 60  # of those who came themselves


def test_the_agent_did_what_it_does_and_no_time_was_given_away_twice() -> None:
    effects = [effect for talk in past().talks for effect in talk.effects]
    assert Counter(effect.name for effect in effects).keys() == {
        "book_meeting",
        "opt_out",
        "handoff_to_person",
        "update_lead",
    }
    booked = [effect.arguments["start"] for effect in effects if effect.name == "book_meeting"]
    assert len(set(booked)) == len(booked) > 10
    assert all(datetime.fromisoformat(at).utcoffset() == timedelta(hours=1) for at in booked)


def test_the_figures_of_a_turn_fit_together() -> None:
    turns = [turn for talk in past().talks for turn in talk.turns]
    spoken = [turn for turn in turns if turn.timings["turn_end_ms"] is not None]
    assert len(spoken) > 200
    for turn in turns:
        figures = turn.timings
        assert figures["speech_end_ms"] <= figures["model_start_ms"] < figures["first_token_ms"]
        assert figures["first_token_ms"] <= figures["first_audio_ms"] <= figures["sent_ms"]
        waited = figures["first_audio_ms"] - figures["speech_end_ms"]
        assert waited - 0.2 <= (turn.response_latency_ms or 0) <= waited + 31


def test_leads_are_judged_by_what_they_told() -> None:
    leads = past().leads
    assert {"hot", "warm"} <= {lead.qualification_tier for lead in leads}
    told = {
        talk.conversation.lead_id for talk in past().talks for effect in talk.effects if effect.name == "update_lead"
    }
    assert all(lead.id in told for lead in leads if lead.qualification_tier == "hot")
    assert all(lead.created_at <= (lead.qualified_at or lead.created_at) for lead in leads)


def test_the_same_moment_has_the_same_past() -> None:
    assert past() == Weeks(NOW, FACTS, Crowd(1), seed=1).past()
    assert past().talks != past(NOW + timedelta(days=1)).talks


def test_whoever_telephones_is_found_by_the_number_and_not_always_known() -> None:
    incoming = [talk.conversation for talk in past().talks if "calls_from" in talk.conversation.metadata]
    numbers = {lead.id: lead.contact_phone for lead in past().leads}
    known = [row for row in incoming if row.lead_id is not None and "direction" not in row.metadata]
    assert known and all(numbers[row.lead_id or row.id] == row.metadata["calls_from"] for row in known)  # type: ignore[index]
    assert any(row.lead_id is None for row in incoming)
    assert all(row.created_at.astimezone(UTC) <= row.updated_at for row in incoming)
