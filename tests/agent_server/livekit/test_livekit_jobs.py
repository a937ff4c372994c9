import pytest
from msgspec.structs import replace

from agent_server.livekit.job import Caller, Job, conversation_of, wanted_agent, wanted_conversation

JOB = Job("AJ_1", "support", "RM_1", "", "", "wss://livekit.example", "token")


def test_a_room_has_one_conversation_whoever_is_given_it_and_a_new_one_when_it_is_opened_again() -> None:
    again = replace(JOB, id="AJ_2", token="other")
    assert conversation_of(again, "secret") == conversation_of(JOB, "secret")
    assert conversation_of(replace(JOB, room_sid="RM_2"), "secret") != conversation_of(JOB, "secret")
    assert conversation_of(JOB, "other secret") != conversation_of(JOB, "secret")


@pytest.mark.parametrize(
    ("metadata", "room_metadata", "wanted"),
    [
        ("", "", None),
        ('{"conversation": "conv_12345678"}', "", "conv_12345678"),
        ("", '{"conversation": "conv_of_room"}', "conv_of_room"),
        ('{"conversation": "conv_first1"}', '{"conversation": "conv_of_room"}', "conv_first1"),
        ("not JSON", "[1]", None),
        ('{"conversation": 7}', '{"conversation": "with space and \\n"}', None),
    ],
)
def test_metadata_may_name_the_conversation(metadata: str, room_metadata: str, wanted: str | None) -> None:
    assert wanted_conversation(replace(JOB, metadata=metadata, room_metadata=room_metadata)) == wanted


@pytest.mark.parametrize(
    ("metadata", "room_metadata", "wanted"),
    [
        ("", "", None),
        ('{"agent": "bikes"}', '{"agent": "boats"}', "bikes"),
        ('{"agent": 7}', '{"agent": "boats"}', "boats"),
        ("[" * 60_000, '{"agent": "boats"}', "boats"),
    ],
)
def test_metadata_may_name_who_is_to_talk(metadata: str, room_metadata: str, wanted: str | None) -> None:
    assert wanted_agent(replace(JOB, metadata=metadata, room_metadata=room_metadata)) == wanted


def test_a_telephone_says_which_number_was_dialled() -> None:
    attributes = {"sip.trunkPhoneNumber": "+14155550100"}
    assert Caller("sip_1", is_phone=True, attributes=attributes).dialled == "+14155550100"
    assert Caller("visitor", attributes=attributes).dialled is None


def test_a_telephone_is_known_by_its_number_and_waited_for_until_it_is_answered() -> None:
    ringing = Caller("sip_1", is_phone=True, attributes={"sip.phoneNumber": "+1415", "sip.callStatus": "ringing"})
    assert ringing.number == "+1415"
    assert not ringing.has_answered
    assert Caller("sip_1", is_phone=True, attributes={"sip.callStatus": "active"}).has_answered
    page = Caller("visitor", attributes={"sip.phoneNumber": "+1415", "sip.callStatus": "ringing"})
    assert (page.number, page.call_id, page.has_answered) == (None, "", True)  # it says so itself
