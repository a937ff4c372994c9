import pytest

from agent_server.telephony.hanging_up import LEFT_AT_THAT_MS, PUT_THROUGH_MS, HangingUp, is_farewell


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for your time. Goodbye.",
        "All right, good-bye!",
        "You're booked for Tuesday at 3. Have a great day.",
        "Take care, Anna.",
        "Take care of yourself.",
        "See you on Tuesday at three.",
        "Great, talk to you soon.",
        "Bye bye",
    ],
)
def test_a_reply_that_ends_with_a_good_bye_is_one(text: str) -> None:
    assert is_farewell(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Before we say goodbye, may I ask what you use today?",
        "Goodbye is what you say at the end. How many people are on your team?",
        "We take care of the setup for you, and it costs nothing.",
        "We take care of that.",
        "Shall we talk soon?",
    ],
)
def test_others_are_not(text: str) -> None:
    assert not is_farewell(text)


def test_the_agent_hangs_up_once_the_caller_leaves_it_at_the_good_bye() -> None:
    call = HangingUp(can_transfer=False)
    call.agent_said("Thank you. Goodbye.")
    assert call.due(0.0, quiet=False) is None
    assert call.due(1000.0, quiet=True) is None
    assert call.due(1000.0 + LEFT_AT_THAT_MS - 1, quiet=True) is None
    assert call.due(1000.0 + LEFT_AT_THAT_MS, quiet=True) == "hang_up"


def test_a_caller_who_thinks_of_one_more_thing_is_still_on_the_line() -> None:
    call = HangingUp(can_transfer=False)
    call.agent_said("Goodbye.")
    assert call.due(0.0, quiet=True) is None
    call.caller_spoke()
    assert call.due(10_000.0, quiet=True) is None
    call.agent_said("It is 20 dollars a month. How many of you are there?")
    assert call.due(20_000.0, quiet=True) is None


def test_silence_counts_from_its_beginning() -> None:
    call = HangingUp(can_transfer=False)
    call.agent_said("Goodbye.")
    call.due(0.0, quiet=True)
    call.due(2000.0, quiet=False)
    assert call.due(3000.0, quiet=True) is None
    assert call.due(3000.0 + LEFT_AT_THAT_MS, quiet=True) == "hang_up"


def test_who_is_handed_over_is_put_through_whatever_is_said() -> None:
    call = HangingUp(can_transfer=True)
    call.handed_over()
    call.agent_said("I'm passing you to a colleague now. Goodbye.")
    call.caller_spoke()
    assert call.due(0.0, quiet=True) is None
    assert call.due(PUT_THROUGH_MS, quiet=True) == "transfer"


def test_without_a_colleague_s_number_nobody_is_put_through() -> None:
    call = HangingUp(can_transfer=False)
    call.handed_over()
    call.agent_said("A colleague will call you back.")
    assert call.due(0.0, quiet=True) is None
    assert call.due(60_000.0, quiet=True) is None


@pytest.mark.parametrize("asked_first", [True, False])
def test_whom_a_person_at_the_console_talks_to_is_not_put_through_to_another(asked_first: bool) -> None:
    call = HangingUp(can_transfer=True)
    if asked_first:
        call.handed_over()
    call.operator_changed(present=True)
    if not asked_first:
        call.handed_over()  # the tool was at work when they came
    call.due(0.0, quiet=True)
    assert call.due(60_000.0, quiet=True) is None
    call.operator_changed(present=False)
    call.handed_over()
    call.due(70_000.0, quiet=True)
    assert call.due(80_000.0, quiet=True) == "transfer"
