"""A person beside the agent: what they have it say and know, and when they speak in its place."""

from fake_call import FakeCall

from pipelines import supervision
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import Item, user_text
from pipelines.conversation.settings import ConversationSettings, ReplySettings, SemanticVad, ServerVad

VOICE = ConversationSettings(turn_detection=ServerVad(), reply=ReplySettings(instructions="Sell."))
TYPED = ConversationSettings(
    turn_detection=ServerVad(create_response=True), reply=ReplySettings(modality="text", instructions="Sell.")
)


def answer(actions: list[act.Action]) -> str | None:
    (told,) = [action for action in actions if isinstance(action, act.OperatorAnswered)]
    return told.code


def take_over(call: FakeCall, lease: str = "m", name: str = "Maria") -> str | None:
    return answer(call.send(facts.OperatorTookOver(lease, name, "c")))


def say(call: FakeCall, text: str, lease: str | None = None, *, interrupt: bool = False) -> str | None:
    return answer(call.send(facts.OperatorSays(text, interrupt, "c", lease)))


def type_in(call: FakeCall, text: str) -> None:
    call.send(facts.ItemCreate(user_text("", text)))
    call.send(facts.ResponseCreate())


def asks(call: FakeCall) -> None:
    """The caller says something and waits."""
    for _ in range(20):
        call.window(0.9)
    for _ in range(30):
        call.window(0.02)
    for utterance in sorted(call.finishing):
        call.finishing.discard(utterance)
        call.send(facts.Transcribed(utterance, "tell me about your pricing"))


def replies(call: FakeCall) -> list[Item]:
    return [item for item in call.core.history if item.role == "assistant"]


def speak_all(call: FakeCall) -> None:
    for generation in sorted(call.finished_voices & set(call.voices)):
        call.voice_finishes(generation)
    call.advance(3000)


def prompts(call: FakeCall) -> list[str]:
    """What the model was told beside the conversation, each time it was asked."""
    started = [action for action in call.told if isinstance(action, act.StartModel)]
    return [
        "\n".join(message.content for message in action.request.messages if message.role == "system")
        for action in started
    ]


def test_words_of_an_operator_are_said_as_they_are_and_stand_as_said_by_the_agent() -> None:
    call = FakeCall(VOICE)
    assert say(call, "We give you ten percent.") is None
    speak_all(call)
    (item,) = replies(call)
    assert (item.heard, item.said_by, item.status) == ("We give you ten percent.", "operator", "completed")
    assert not any(isinstance(action, act.StartModel | act.TurnTimings) for action in call.told)


def test_they_wait_for_the_agent_to_be_heard_to_its_end_and_for_the_caller() -> None:
    call = FakeCall(VOICE)
    asks(call)
    (generation,) = call.models
    for _ in range(4):
        call.model_text(generation)
    call.model_finishes(generation)
    say(call, "And ten percent off.")
    assert len(replies(call)) == 1
    speak_all(call)
    assert [item.said_by for item in replies(call)] == [None, "operator"]
    for _ in range(10):
        call.window(0.9)
    assert say(call, "One more thing.") is None
    call.advance(100)
    assert len(replies(call)) == 2, "the caller is speaking"


def test_at_once_cuts_the_agent_to_what_was_heard() -> None:
    call = FakeCall(VOICE)
    asks(call)
    (generation,) = call.models
    for _ in range(20):
        call.model_text(generation)
    for voice in list(call.voices):
        for _ in range(8):
            call.voice_speaks(voice)
    call.advance(400)
    actions = call.send(facts.OperatorSays("Wait, I was wrong.", interrupt=True, cause="c"))
    assert any(isinstance(action, act.StopPlayback) for action in actions)
    first, _ = replies(call)
    assert first.status == "incomplete"
    assert first.heard
    assert len(first.heard.split()) < 8
    speak_all(call)
    assert replies(call)[1].heard == "Wait, I was wrong."


def test_who_takes_over_ends_the_agents_reply_and_answers_in_its_place() -> None:
    call = FakeCall(VOICE)
    asks(call)
    assert take_over(call) is None
    assert not call.models
    assert call.told[-1] == act.OperatorChanged("Maria")
    asks(call)
    call.advance(5000)
    assert not call.models, "the agent is silent"
    assert [item.words for item in call.core.history if item.role == "user"] == ["tell me about your pricing"] * 2
    say(call, "It is ten dollars.", "m")
    speak_all(call)
    assert answer(call.send(facts.OperatorReleased("m", "c"))) is None
    call.advance(3000)
    assert not call.models, "the person has answered"


def test_who_gives_it_back_unanswered_leaves_the_answer_to_the_agent_which_knows_what_was_said() -> None:
    call = FakeCall(VOICE)
    take_over(call)
    say(call, "Hello, this is Maria.", "m")
    speak_all(call)
    asks(call)
    call.send(facts.OperatorReleased("m", "c"))
    call.advance(100)
    assert call.models
    (request,) = [action.request for action in call.told if isinstance(action, act.StartModel)]
    assert [(message.role, message.content) for message in request.messages if message.role != "system"] == [
        ("assistant", "Hello, this is Maria."),
        ("user", "tell me about your pricing"),
    ]
    assert supervision.STOOD_IN in prompts(call)[0]
    call.settle()
    asks(call)
    assert supervision.STOOD_IN in prompts(call)[-1], "the agent has said nothing yet"
    call.model_text(*call.models)
    call.model_finishes(*call.models)
    speak_all(call)
    asks(call)
    assert len(prompts(call)) == 3
    assert supervision.STOOD_IN not in prompts(call)[-1]


def test_who_speaks_is_still_there() -> None:
    call = FakeCall(VOICE)
    take_over(call)
    call.advance(15_000)
    say(call, "One moment.", "m")
    call.advance(15_000)
    assert answer(call.send(facts.OperatorHeld("m", "c"))) is None


def test_a_person_who_vanishes_leaves_the_caller_to_the_agent() -> None:
    call = FakeCall(VOICE)
    take_over(call)
    asks(call)
    call.advance(10_000)
    assert answer(call.send(facts.OperatorHeld("m", "c"))) is None
    call.advance(19_000)
    assert not call.models
    call.advance(1_500)
    assert act.OperatorChanged(None, lapsed=True) in call.told
    assert call.models, "whoever waits is answered"
    assert answer(call.send(facts.OperatorHeld("m", "c"))) == "not_taken_over"


def test_time_in_which_nobody_could_be_heard_of_does_not_count() -> None:
    call = FakeCall(VOICE)
    take_over(call)
    call.send(facts.Delayed(5000.0))
    call.advance(22_000)
    assert call.core.operator.holder is not None


def test_the_second_is_told_who_has_it() -> None:
    call = FakeCall(VOICE)
    take_over(call)
    (refused,) = call.send(facts.OperatorTookOver("b", "Bob", "c"))
    assert refused == act.OperatorAnswered("c", "taken_over", "Maria has taken over this conversation.")
    assert say(call, "Hello.") == say(call, "Hello.", "b") == "taken_over"
    assert answer(call.send(facts.OperatorReleased("b", "c"))) == "taken_over"
    assert answer(call.send(facts.OperatorEnded("Bye.", "c"))) == "taken_over"
    assert answer(call.send(facts.OperatorWhispered("Be kind.", "c"))) is None, "it does no harm"
    call.send(facts.OperatorReleased("m", "c"))
    assert take_over(call, "b", "Bob") is None
    assert say(call, "Hello.", "m") == "taken_over"


def test_a_whisper_is_told_to_the_model_as_an_order_and_never_to_the_caller() -> None:
    call = FakeCall(VOICE)
    call.send(facts.Briefed('About the caller, as data: {"score":40,"tier":"cold"}'))
    call.send(facts.OperatorWhispered("Offer ten percent,\nand ask for their budget.", "c"))
    asks(call)
    (prompt,) = prompts(call)
    rest, whispers = supervision.parted(prompt)
    assert whispers == ("Offer ten percent,\nand ask for their budget.",)
    assert rest == 'Sell.\nAbout the caller, as data: {"score":40,"tier":"cold"}'
    assert "Offer" not in rest
    call.settle()
    assert not any("Offer" in item.generated for item in replies(call))


def test_what_was_begun_without_knowing_a_whisper_is_begun_again() -> None:
    call = FakeCall(ConversationSettings(turn_detection=SemanticVad(), recognizer_turns=True))
    call.send(facts.RecognizerTurnStarted(1))
    for _ in range(20):
        call.window(0.9)
    call.send(facts.RecognizerEagerEnd(1, "what does it cost?"))
    assert len(call.models) == 1, "speculation"
    call.send(facts.OperatorWhispered("Offer ten percent.", "c"))
    assert not call.models
    call.send(facts.RecognizerTurnEnded(1, "what does it cost?"))
    assert "Offer ten percent." in prompts(call)[-1]


def test_in_writing_the_clients_request_is_answered_by_the_person() -> None:
    call = FakeCall(TYPED)
    take_over(call)
    call.send(facts.ItemCreate(user_text("", "Are you there?")))
    assert not call.send(facts.ResponseCreate(metadata={"topic": "presence"}, reply=TYPED.reply))
    say(call, "I am.", "m")
    (created,) = [action.response for action in call.told if isinstance(action, act.ResponseCreated)]
    assert created.metadata == {"topic": "presence"}
    assert [item.heard for item in replies(call)] == ["I am."]
    call.send(facts.OperatorReleased("m", "c"))
    assert not call.models
    type_in(call, "And now?")
    assert call.models, "the agent again"


def test_words_in_passing_leave_the_answer_that_is_owed_to_the_agent() -> None:
    call = FakeCall(VOICE)
    call.send(facts.LeftUnanswered())
    assert say(call, "One moment.") is None
    speak_all(call)
    assert len(call.models) == 1


def test_in_writing_neither_words_nor_the_answer_after_them_wait_for_something_else_to_happen() -> None:
    call = FakeCall(TYPED)
    type_in(call, "Hello.")
    say(call, "One moment.")
    say(call, "I am Maria.")
    type_in(call, "And what does it cost?")
    (model,) = call.models
    call.model_text(model)
    call.model_finishes(model)
    assert [item.heard for item in replies(call)][1:] == ["One moment.", "I am Maria."]
    assert call.models, "the agent answers what was asked meanwhile"


def test_words_of_which_nothing_was_audible_are_said_when_the_caller_is_done() -> None:
    call = FakeCall(VOICE)
    take_over(call)
    say(call, "Hello, this is Maria.", "m")
    asks(call)  # before the voice made a sound
    speak_all(call)
    assert [item.heard for item in replies(call)] == ["", "Hello, this is Maria."]


def test_an_end_says_good_bye_and_hangs_up_when_it_was_heard() -> None:
    call = FakeCall(VOICE)
    asks(call)
    assert answer(call.send(facts.OperatorEnded("Good-bye.", "c"))) is None
    assert not call.models
    assert act.HangUp() not in call.told
    assert say(call, "Wait.") == "conversation_ended"
    speak_all(call)
    assert call.told.count(act.HangUp()) == 1
    assert [item.heard for item in replies(call)] == ["Good-bye."]


def test_an_end_without_a_word_hangs_up_at_once_and_one_that_cannot_be_said_in_time() -> None:
    call = FakeCall(VOICE)
    assert act.HangUp() in call.send(facts.OperatorEnded("", "c"))
    call = FakeCall(msg := VOICE)
    assert msg.limits.farewell_ms == 15_000
    call.send(facts.OperatorEnded("Good-bye.", "c"))
    for _ in range(480):
        call.window(0.9)  # who talks on and on
    assert call.told.count(act.HangUp()) == 1


def test_nobody_is_asked_whether_they_are_there_while_a_person_has_the_conversation() -> None:
    call = FakeCall(ConversationSettings(turn_detection=ServerVad(idle_timeout_ms=5000)))
    take_over(call)
    say(call, "Hello.", "m")
    speak_all(call)
    for _ in range(3):
        call.send(facts.OperatorHeld("m", "c"))
        call.advance(10_000)
    assert not any(isinstance(action, act.IdleTimeout) for action in call.told)
    call.send(facts.OperatorReleased("m", "c"))
    call.advance(6_000)
    assert any(isinstance(action, act.IdleTimeout) for action in call.told)


def test_more_than_may_wait_is_refused() -> None:
    call = FakeCall(VOICE)
    asks(call)
    (generation,) = call.models
    call.model_text(generation)
    assert [say(call, f"Text {number}.") for number in range(9)] == [None] * 8 + ["too_many_words"]
