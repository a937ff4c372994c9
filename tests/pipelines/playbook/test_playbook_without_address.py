"""Who gives no address has to be reached in another way, and nothing is promised that cannot be kept."""

import json

from playbook_talk import TELEPHONE, Talk

from pipelines.playbook.tools import SERVER_TOOLS

TO_THE_ADDRESS = ("let's set up a meeting", "tuesday at 10", "Kim")


def test_who_writes_is_asked_for_a_number_before_a_call_is_promised() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    asked = talk.script(*TO_THE_ADDRESS, "I don't want to give my email")[4]
    assert "number" in asked and asked.endswith("?")
    assert not talk.called("book_meeting")
    booked = talk.say("415 555 0132")
    assert "We'll call you on 415 555 0132" in booked or "We'll call 415 555 0132" in booked
    assert json.loads(talk.called("update_lead")[-1].arguments)["phone"] == "+14155550132"


def test_who_gives_neither_is_told_how_it_is_and_gets_the_time_all_the_same() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*TO_THE_ADDRESS, "no email please")
    answer = talk.say("no, no number either")
    assert "call you" not in answer
    assert "here" in answer


def test_who_thinks_better_of_it_gets_an_invitation() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    talk.script(*TO_THE_ADDRESS, "no email please")
    assert "Is that right?" in talk.say("oh fine, kim@example.com")
    talk.say("yes")
    assert json.loads(talk.called("book_meeting")[0].arguments)["email"] == "kim@example.com"


def test_on_the_telephone_the_number_is_the_one_they_call_from() -> None:
    talk = Talk(system=TELEPHONE, tools=SERVER_TOOLS)
    booked = talk.script(*TO_THE_ADDRESS, "no email please")[4]
    assert "We'll call you" in booked and "than this one" in booked
    assert talk.called("book_meeting")
