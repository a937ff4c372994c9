"""A call as the tests of the core tell it: what the caller says, what the agent was heard to begin, what was told."""

from fake_call import FakeCall

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import Phase
from pipelines.conversation.items import user_text
from pipelines.conversation.settings import ConversationSettings, SemanticVad

EAGER = ConversationSettings(turn_detection=SemanticVad(eagerness="high"), transcribe=True)


def told(call: FakeCall, kind: type[act.Action]) -> list[act.Action]:
    return [action for action in call.told if isinstance(action, kind)]


def speaking(settings: ConversationSettings = EAGER, *, words: int = 30) -> FakeCall:
    """A call in which the agent has begun to speak a long reply."""
    call = FakeCall(settings)
    call.send(facts.ItemCreate(user_text("", "hello")))
    call.send(facts.ResponseCreate())
    (model,) = call.models
    for _ in range(words):
        call.model_text(model)
    call.model_finishes(model)
    (voice,) = call.voices
    call.voice_finishes(voice)
    call.advance(300.0)
    assert call.core.phase is Phase.SPEAKING
    return call


def caller_says(call: FakeCall, text: str, *, voiced: int, interim: str | None = None, silent: int = 8) -> None:
    for n in range(voiced):
        call.window(0.95)
        if interim is not None and n == voiced // 2:
            for utterance in list(call.utterances):
                call.send(facts.Heard(utterance, interim))
    for _ in range(silent):
        call.window(0.02)
        for utterance in sorted(call.finishing):
            call.finishing.discard(utterance)
            call.send(facts.Transcribed(utterance, text))
