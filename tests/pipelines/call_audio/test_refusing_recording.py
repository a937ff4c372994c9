"""Who does not want to be recorded, or asks whether they are, is understood; who speaks of recordings otherwise is not
taken for one."""

import pytest

from pipelines.call_audio.wish import asks_if_recorded, refuses_recording

REFUSE = (
    "Please don't record me.|Do not record this call|I don't want to be recorded|stop recording|"
    "Can you stop the recording please?|please turn off the recording|I'd rather not be recorded|"
    "I don't consent to being recorded|delete the recording|No recording please|I do not agree to the recording|"
    "Could you not record this?|I'm not comfortable being recorded|please stop taping|Turn the recording off|"
    "Stop recording this call please, how much does it cost?"
)
DO_NOT = (
    "We record all our calls|Does your system record calls?|We had record sales this year|"
    "I don't have a record of that|do you record calls|That's fine, you can record|no problem, record away|"
    "Are you recording this?|For the record, I don't want to buy|we don't want recording software|"
    "can it stop recording automatically|We do not record our customers' numbers|no records were found"
)
ASK = (
    "Is this call being recorded?|are you recording this?|Am I being recorded|is it recorded|Are we being recorded|"
    "Do you record this call?|did you record me|Will this be recorded?|is this conversation recorded"
)
DO_NOT_ASK = (
    "Do you record calls?|Are your customers' calls recorded?|does it record calls|Can it record the other side|"
    "How long are recordings kept?|is there a record of that|do you record our record sales"
)


@pytest.mark.parametrize("text", REFUSE.split("|"))
def test_a_refusal(text: str) -> None:
    assert refuses_recording(text)


@pytest.mark.parametrize("text", DO_NOT.split("|"))
def test_no_refusal(text: str) -> None:
    assert not refuses_recording(text)


@pytest.mark.parametrize("text", ASK.split("|"))
def test_a_question_about_this_call(text: str) -> None:
    assert asks_if_recorded(text)


@pytest.mark.parametrize("text", DO_NOT_ASK.split("|"))
def test_no_question_about_this_call(text: str) -> None:
    assert not asks_if_recorded(text)
