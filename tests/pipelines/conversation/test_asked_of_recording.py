"""What the model knows of the call's recording when the caller asks: the truth, and nothing else may be said."""

import pytest

from pipelines.call_audio.wish import NOT_RECORDED, RECORDED, TOLD
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import user_text
from pipelines.conversation.settings import ConversationSettings, RecordingWords, ReplySettings
from pipelines.llm.port import Usage

SETTINGS = ConversationSettings(reply=ReplySettings(modality="text"))
ASKS = "Is this call being recorded?"


def told(*said: str, recording: RecordingWords | None) -> list[str]:
    """What the model is told beside the conversation, each time it is asked."""
    core = ConversationCore(SETTINGS, id_prefix="t", recording=recording)
    heard: list[str] = []
    for at_ms, text in enumerate(said):
        core.step(facts.ItemCreate(user_text("", text)), float(at_ms))
        for action in core.step(facts.ResponseCreate(), float(at_ms)):
            if isinstance(action, act.StartModel):
                heard.append("\n".join(m.content for m in action.request.messages if m.role == "system"))
                core.step(facts.ModelText(action.generation, "Well."), float(at_ms))
                core.step(facts.ModelFinished(action.generation, "stop", Usage()), float(at_ms))
    assert len(heard) == len(said)
    return heard


def test_who_asks_hears_whether_they_are_recorded() -> None:
    (on,) = told(ASKS, recording=RecordingWords("It is stopped."))
    (off,) = told(ASKS, recording=None)
    assert RECORDED in on
    assert NOT_RECORDED in off


def test_once_refused_it_is_recorded_no_more() -> None:
    refused, asked = told("please stop recording", ASKS, recording=RecordingWords("It is stopped."))
    assert TOLD in refused
    assert NOT_RECORDED in asked


def test_who_refuses_what_there_is_not_hears_so() -> None:
    (refused,) = told("please don't record me", recording=None)
    assert NOT_RECORDED in refused


@pytest.mark.parametrize("text", ["what does it cost?", "do you record calls for your customers?"])
def test_who_asks_something_else_hears_nothing_of_it(text: str) -> None:
    for recording in (None, RecordingWords("It is stopped.")):
        (heard,) = told(text, recording=recording)
        assert RECORDED not in heard
        assert NOT_RECORDED not in heard
