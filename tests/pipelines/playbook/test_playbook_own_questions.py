"""The playbook asks an operator's own questions: in order, one at a time, none twice, and keeps what is said to them."""

import json

import pytest
from msgspec import structs
from playbook_talk import Talk

from pipelines.agent_profile import instructions_of
from pipelines.briefing import Briefing, written
from pipelines.llm.port import Message, ToolCall
from pipelines.playbook.tools import SERVER_TOOLS
from storage.agents.profiles import ProfileFacts, ProfileQuestion

DAY, SIZE, NOW = "Which day suits you for delivery?", "How large should the box be?", "What do you ride today?"
BIKES = ProfileFacts(
    name="Zoë",
    company="Bol Bikes",
    greeting="Zoë here, of Bol Bikes. What do you need?",
    about="Bol Bikes rents cargo bikes to couriers. A bike costs 149 euros a month.",
    questions=(
        ProfileQuestion("day", DAY),
        ProfileQuestion("size", SIZE, ("small", "medium", "large")),
        ProfileQuestion("now", NOW),
    ),
)
NEED = "We need bikes for our couriers"


def talk(facts: ProfileFacts = BIKES, history: tuple[Message, ...] = ()) -> Talk:
    return Talk(system=instructions_of(facts, "You are friendly."), history=history, tools=SERVER_TOOLS)


def answers(one: Talk) -> dict[str, str]:
    """As they were kept last."""
    kept: dict[str, str] = json.loads(one.called("update_lead")[-1].arguments).get("answers", {})
    return kept


def test_they_are_asked_in_order_once_the_need_is_known_and_before_our_own() -> None:
    one = talk()
    said = one.script(NEED, "Tuesday mornings", "medium", "just old scooters")
    assert said[0] == BIKES.greeting
    assert [said[1].endswith(DAY), SIZE in said[2], said[3].endswith(NOW)] == [True, True, True]
    assert said[2].endswith("Small, medium or large?"), "what one may choose from is said"
    assert one.state.asked.expecting == "team_size"
    assert answers(one) == {"day": "Tuesday mornings", "size": "medium", "now": "just old scooters"}
    assert one.state.meeting.slot is None and not one.state.meeting.wanted, "a day of delivery is no meeting"


def test_an_answer_is_kept_without_the_words_before_it() -> None:
    one = talk()
    one.script(NEED, "well, so, Tuesday mornings", "um medium", "well uh so many scooters, I mean old ones")
    assert answers(one) == {"day": "Tuesday mornings", "size": "medium", "now": "so many scooters, I mean old ones"}


def test_what_is_no_answer_is_heeded_and_the_question_stays_open() -> None:
    one = talk()
    said = one.script(NEED, "What does it cost?", "that's too expensive")
    assert "149 euros" in said[2] and said[2].endswith(DAY)
    assert said[3].endswith(SIZE) or DAY in said[3] or "?" in said[3]
    assert one.state.own.answers == {}
    assert one.say("stop calling me").startswith("I'm sorry")
    assert [call.name for call in one.calls][-1] == "opt_out"


@pytest.mark.parametrize(
    "said", ["can I talk to a person", "what does it do?", "let's book a meeting", "hold on a second", "goodbye"]
)
def test_a_wish_or_a_question_is_no_answer(said: str) -> None:
    one = talk()
    one.script(NEED, said)
    assert one.state.own.answers == {}


def test_who_does_not_know_is_not_asked_again_and_one_may_choose_by_number() -> None:
    one = talk()
    said = one.script(NEED, "I don't know", "the second one", "I'd rather not say")
    assert DAY not in " ".join(said[2:])
    assert one.state.own.answers == {"size": "medium"}
    assert NOW not in said[4]


def test_nothing_is_asked_a_third_time() -> None:
    one = talk()
    one.script(NEED, "how much is it?", "do you have a discount?", "does it work in winter?", "is it heavy?")
    said = [text for text in one.state.course.said if DAY in text]
    assert len(said) == 2


def test_what_was_answered_before_or_told_in_passing_is_not_asked() -> None:
    known = written(Briefing(score=1, tier="cold", answered=("day", "size")))
    one = talk(history=(Message("system", known),))
    assert one.script(NEED)[1].endswith(NOW)
    people = ProfileFacts(questions=(ProfileQuestion("team", "How many people are on your team?"),))
    other = talk(people)
    assert "How many people are on your team" not in " ".join(
        other.script("We are twenty people and need bikes", "yes")
    )
    assert answers(other) == {"team": "20"}


def test_the_answer_to_a_question_like_ours_settles_both() -> None:
    one = talk(ProfileFacts(questions=(ProfileQuestion("team", "How many people are on your team?"),)))
    one.script(NEED, "about twelve")
    assert one.state.own.answers == {"team": "about twelve"}
    assert one.state.facts.team_size == 12


def test_who_wants_to_meet_at_once_is_asked_when_that_is_settled() -> None:
    one = talk()
    said = one.script(
        "let's meet", "tuesday at ten", "Bob", "bob@example.com", "yes", "Wednesday", "small", "a van", "no"
    )
    assert said[5].endswith(DAY)
    assert "Goodbye" in said[-1]
    assert answers(one) == {"day": "Wednesday", "size": "small", "now": "a van"}
    assert one.state.meeting.booked


def test_who_wants_no_questions_is_asked_none() -> None:
    one = talk()
    one.script(NEED, "stop asking me questions")
    assert DAY not in one.say("okay") and one.state.own.answers == {}


def test_a_bare_yes_answers_a_question_of_yes_or_no_alone() -> None:
    one = talk()
    one.script(NEED, "mhm")
    assert one.state.own.answers == {}
    assert SIZE in one.say("no"), "who will not say is not asked again"
    other = talk(ProfileFacts(questions=(ProfileQuestion("winter", "Do you ride in winter?"),)))
    other.script(NEED, "yes")
    assert answers(other) == {"winter": "yes"}


def test_what_a_model_has_kept_is_known() -> None:
    call = ToolCall("call_1", "update_lead", json.dumps({"answers": {"size": "large", "made_up": "x"}}))
    history = (
        Message("assistant", "Hi!"),
        Message("user", NEED),
        Message("assistant", "And the size of the box?"),
        Message("user", "a large one"),
        Message("assistant", "", (call,)),
        Message("tool", '{"noted": true}', tool_call_id="call_1"),
    )
    one = talk(history=history)
    assert one.answer().endswith(DAY)
    assert one.state.own.answers == {"size": "large"}


def test_the_example_product_is_not_looked_up_for_another_company() -> None:
    one = talk(ProfileFacts(company="Bol Bikes", about="We rent cargo bikes, from 149 euros a month."))
    said = one.script("What does it cost?", "Do you have an enterprise plan?")
    assert "149 euros" in said[1]
    assert one.called("search_knowledge") == []


@pytest.mark.parametrize("questions", [BIKES.questions, ()], ids=["of its own", "none"])
def test_an_agent_that_does_not_qualify_goes_on_to_a_meeting(questions: tuple[ProfileQuestion, ...]) -> None:
    one = talk(structs.replace(BIKES, questions=questions, qualifies=False))
    said = one.script(NEED, *["Tuesday", "large", "a van"][: len(questions)])
    assert "November 24th" in said[-1] and said[-1].endswith("?"), "times are offered"
    assert not any(word in " ".join(said) for word in ("budget", "team", "decision", "decide"))
