"""What a colleague is told of a caller, and with what the agent's side of a call begins."""

from xml.etree import ElementTree

import pytest

from agent_server.hosting.opening import Opening
from agent_server.realtime.session_object import SessionConfig
from agent_server.telephony.colleague import MAX_TOLD_CHARS, WHOEVER, announcement, first_facts
from agent_server.telephony.twilio.so_far import was_connected
from agent_server.telephony.twilio.twiml import say
from pipelines.conversation.facts import CameLate, ResponseCreate


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({}, WHOEVER),
        ({"reason": "I would like to talk to a person."}, WHOEVER),
        ({"reason": "A question about the invoice."}, f"{WHOEVER} A question about the invoice."),
        (
            {"name": "Ada", "company": "Acme", "reason": "human please", "summary": "Team: 20.\n Budget: 5000"},
            "A call from Ada of Acme. Team: 20. Budget: 5000",
        ),
        ({"company": "Acme"}, "A call from Acme."),
    ],
)
def test_who_calls_and_why(known: dict[str, str], told: str) -> None:
    assert announcement(**known) == told


def test_what_is_said_is_xml_whatever_it_is() -> None:
    """A carrier that cannot read the answer puts nobody through."""
    document = ElementTree.fromstring(say("Ann\x0b of <A&B>\x01\ufffe\ud800.", "en-US"))
    assert document.findtext("Say") == "Ann  of <A&B>   ."


def test_a_long_story_is_cut_between_words() -> None:
    told = announcement(summary="because " * 100)
    assert len(told) < MAX_TOLD_CHARS + len(WHOEVER) + 20
    assert told.endswith("because and so on.")


def test_a_caller_for_whom_nobody_came_is_answered_first() -> None:
    opening = Opening("conv_1", "phone", SessionConfig(), unreached=True)
    late, reply = first_facts(opening)
    assert isinstance(late, CameLate) and isinstance(reply, ResponseCreate)
    assert late.name == "handoff_to_person" and "nobody_answered" in late.output
    assert [type(fact) for fact in first_facts(Opening("conv_1", "phone", SessionConfig()))] == [ResponseCreate]


@pytest.mark.parametrize(
    ("told", "connected"),
    [
        ({"DialCallStatus": "completed", "DialBridged": "true"}, True),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, False),
        ({"DialCallStatus": "completed"}, True),
        ({"DialCallStatus": "no-answer"}, False),
        ({}, False),
    ],
)
def test_who_presses_no_key_has_not_taken_the_call(told: dict[str, str], connected: bool) -> None:
    assert was_connected(told) is connected
