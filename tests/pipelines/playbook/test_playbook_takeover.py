"""In mid-conversation another model fails, and the playbook goes on where it stood."""

from datetime import UTC, datetime

from playbook_talk import Talk

from pipelines.llm.port import Message, ToolCall
from pipelines.playbook.tools import SERVER_TOOLS

FOREIGN = [
    Message("system", "You are Max, a sales agent for Acme Voice. Be brief."),
    Message(
        "assistant",
        "Hey there! Thanks for calling Acme Voice, this is Max. Who do I have the pleasure of speaking with?",
    ),
    Message("user", "this is Dan"),
    Message("assistant", "Great to meet you, Dan! Could you tell me a little bit about what you're hoping to solve?"),
    Message("user", "our reps can't keep up with inbound calls"),
    Message("assistant", "That's super common. Roughly how many people are on the sales team at the moment?"),
    Message("user", "thirty five"),
    Message("assistant", "Perfect. And have you set aside any budget for a tool like this?"),
]


def test_what_another_model_learned_is_known() -> None:
    talk = Talk(history=FOREIGN)
    answer = talk.say("about four thousand a month")
    facts = talk.state.facts
    assert (facts.name, facts.team_size, facts.budget) == ("Dan", 35, "4,000 dollars a month")
    assert facts.need is not None
    assert "decision" in answer
    assert "Dan" not in answer.split("?")[-1]


def test_times_another_model_offered_can_be_chosen() -> None:
    offered = [
        *FOREIGN,
        Message("user", "four thousand a month"),
        Message("assistant", "Awesome. I can do Thursday at 3 PM or Friday at 11 AM for a demo. What works better?"),
    ]
    talk = Talk(history=offered)
    answer = talk.say("friday")
    assert "Friday, November 27th at 11 AM" in answer
    assert talk.state.meeting.slot == datetime(2026, 11, 27, 11, tzinfo=UTC)
    assert "e-mail" in answer


def test_a_meeting_another_model_booked_is_booked() -> None:
    history = [
        *FOREIGN,
        Message("user", "friday at eleven, my email is dan@acme.com"),
        Message(
            "assistant", "Got it. You're all set for Friday at 11 AM, dan@acme.com. Anything else I can help with?"
        ),
    ]
    talk = Talk(history=history, tools=SERVER_TOOLS)
    answer = talk.say("no that's it")
    assert "oodbye" in answer
    assert not talk.called("book_meeting")


def test_a_call_another_model_made_is_answered() -> None:
    history = [
        *FOREIGN,
        Message("user", "friday at eleven and it's dan@acme.com"),
        Message("assistant", "", (ToolCall("c1", "book_meeting", '{"start": "2026-11-27T11:00:00Z"}'),)),
        Message("tool", '{"status": "booked"}', tool_call_id="c1"),
    ]
    talk = Talk(history=history)
    assert "dan@acme.com" in talk.answer()
    assert talk.state.meeting.booked


def test_an_answer_cut_off_by_the_caller_is_still_a_question() -> None:
    history = [*FOREIGN[:5], Message("assistant", "That's super common. Roughly how many people are on")]
    talk = Talk(history=history)
    talk.say("twelve")
    assert talk.state.facts.team_size == 12


def test_two_texts_without_an_answer_between_are_one() -> None:
    talk = Talk(history=[*FOREIGN, Message("user", "so um about")])
    talk.say("four thousand a month")
    assert talk.state.facts.budget == "4,000 dollars a month"


def test_the_other_models_name_is_kept() -> None:
    talk = Talk(history=FOREIGN)
    assert "Max" in talk.say("who is this")


def test_somebody_who_opted_out_earlier_is_not_sold_to() -> None:
    history = [
        *FOREIGN,
        Message("user", "stop calling me"),
        Message("assistant", "I'm really sorry about that! I've removed you from our list."),
    ]
    answer = Talk(history=history).say("hello")
    assert "?" not in answer
