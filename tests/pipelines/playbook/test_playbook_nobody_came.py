"""A caller wanted a person, was put through, and is back: nobody took the call."""

from playbook_talk import Talk

from pipelines.llm.port import Message, ToolCall
from pipelines.playbook.tools import SERVER_TOOLS

NOBODY_CAME = '{"error": {"code": "nobody_answered", "message": "The colleague did not take the call."}}'


def put_through_in_vain(*lines: str) -> Talk:
    """As the conversation stands when the caller is back."""
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*lines, "can I talk to a person please")
    assert talk.called("handoff_to_person")
    talk.messages.append(Message("assistant", "", (ToolCall("call_back", "handoff_to_person", "{}"),)))
    talk.messages.append(Message("tool", NOBODY_CAME, tool_call_id="call_back"))
    return talk


def test_the_caller_is_told_and_offered_a_time_which_is_booked() -> None:
    talk = put_through_in_vain()
    back = talk.answer()
    assert "free" in back or "reach" in back
    assert "Tuesday" in back, "times are offered"
    assert talk.say("the first one works").endswith("?")
    talk.say("Ada Lovelace")
    talk.say("ada at example dot com")
    talk.say("yes that's right")
    assert talk.called("book_meeting")


def test_who_asks_again_is_put_through_again() -> None:
    talk = put_through_in_vain()
    talk.answer()
    before = len(talk.called("handoff_to_person"))
    talk.say("no, please try a person again")
    assert len(talk.called("handoff_to_person")) == before + 1


def test_who_has_a_meeting_is_asked_for_no_other() -> None:
    talk = put_through_in_vain("I want a demo tuesday at 2 PM", "Ada Lovelace", "ada at example dot com", "yes")
    assert talk.called("book_meeting")
    back = talk.answer()
    assert "Wednesday" not in back and back.endswith("?")
