"""The core's rules, over thousands of random orders of events in virtual time."""

import msgspec
from fake_call import FakeCall
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import Phase
from pipelines.conversation.items import user_text
from pipelines.conversation.settings import ConversationSettings, Limits, OwnTool, ReplySettings, SemanticVad, ServerVad
from pipelines.llm.port import ToolSpec

OWN_TOOL = OwnTool(ToolSpec("look_up", "Looks something up."))
CLIENT_TOOL = ToolSpec("client_tool", "The client's.")

SESSIONS = [
    ConversationSettings(
        turn_detection=SemanticVad(eagerness="high"),
        transcribe=True,
        own_tools=(OWN_TOOL,),
        reply=ReplySettings(tools=(CLIENT_TOOL,)),
    ),
    ConversationSettings(turn_detection=ServerVad(), model_rungs=2, voice_rungs=2),
    ConversationSettings(turn_detection=ServerVad(interrupt_response=False)),
    ConversationSettings(turn_detection=ServerVad(idle_timeout_ms=2000), reply=ReplySettings(modality="text")),
    ConversationSettings(turn_detection=None),
    ConversationSettings(
        turn_detection=SemanticVad(eagerness="high"), own_tools=(OWN_TOOL,), limits=Limits(history_items=1)
    ),
    ConversationSettings(turn_detection=None, limits=Limits(history_items=3)),
]
"""Those at the end keep next to nothing at hand."""

WORDS = ["mhm", "okay", "stop", "tell me about pricing", "we have about", "no", ""]

PROGRESS = st.one_of(
    st.tuples(st.just("work"), st.integers(1, 8)),
    st.tuples(st.just("say"), st.integers(0, 6)),
    st.tuples(st.just("finish_work"), st.integers(0, 2)),
    st.tuples(st.just("wait"), st.integers(1, 400)),
)
"""What a call mostly consists of: without it random events hardly ever reach a reply that is being heard."""

EVENTS = st.one_of(
    st.tuples(st.just("voice"), st.integers(1, 24)),
    st.tuples(st.just("silence"), st.integers(1, 40)),
    st.tuples(st.just("wait"), st.integers(1, 6000)),
    st.tuples(st.just("interim"), st.integers(0, 6)),
    st.tuples(st.just("final"), st.integers(0, 6)),
    st.tuples(st.just("lost_transcript"), st.integers(0, 3)),
    st.tuples(st.just("model_text"), st.integers(0, 5)),
    st.tuples(st.just("model_tool"), st.integers(0, 1)),
    st.tuples(st.just("model_finishes"), st.integers(0, 3)),
    st.tuples(st.just("model_fails"), st.integers(0, 3)),
    st.tuples(st.just("stale_model"), st.integers(0, 3)),
    st.tuples(st.just("voice_word"), st.integers(1, 4)),
    st.tuples(st.just("voice_finishes"), st.integers(0, 2)),
    st.tuples(st.just("voice_fails"), st.integers(0, 2)),
    st.tuples(st.just("tool_finishes"), st.integers(0, 1)),
    st.tuples(st.just("item"), st.integers(0, 1)),
    st.tuples(st.just("respond"), st.integers(0, 2)),
    st.tuples(st.just("cancel"), st.integers(0, 1)),
    st.tuples(st.just("commit"), st.integers(0, 400)),
    st.tuples(st.just("clear"), st.just(0)),
    st.tuples(st.just("delete"), st.integers(0, 3)),
)

STEPS = st.lists(st.one_of(PROGRESS, PROGRESS, EVENTS), min_size=12, max_size=50)

GUESSES = st.one_of(
    st.tuples(st.just("guess"), st.integers(3, 5)),
    st.tuples(st.just("voice"), st.integers(1, 24)),
)
"""Replies begun in a pause, and callers who go on: without them hardly one is dropped that had words already."""


def play(call: FakeCall, step: tuple[str, int]) -> None:
    kind, n = step
    models, voices = sorted(call.models), sorted(call.voices)
    match kind:
        case "voice":
            for _ in range(n):
                call.window(0.9)
        case "silence":
            for _ in range(n):
                call.window(0.02)
        case "wait":
            call.advance(float(n))
        case "work":
            for generation in models:
                for _ in range(4 * n):
                    call.model_text(generation)
            for generation in sorted(call.voices):
                for _ in range(4 * n):
                    call.voice_speaks(generation)
            call.advance(60.0 * n)
        case "finish_work":
            for generation in models:
                call.model_finishes(generation)
            for generation in sorted(call.finished_voices & set(call.voices))[:n]:
                call.voice_finishes(generation)
        case "say":
            for part in (("voice", 4 + 2 * n), ("interim", n), ("silence", 8 + n), ("final", n), ("silence", 12)):
                play(call, part)
        case "guess":
            for part in (("voice", 8), ("interim", n), ("silence", 8), ("final", n), ("work", 1)):
                play(call, part)
        case "interim":
            for utterance in sorted(call.utterances):
                call.send(facts.Heard(utterance, WORDS[n]))
        case "final":
            for utterance in sorted(call.finishing):
                call.finishing.discard(utterance)
                call.send(facts.Transcribed(utterance, WORDS[n]))
        case "lost_transcript":
            for utterance in sorted(call.finishing)[:n]:
                call.finishing.discard(utterance)
                call.send(facts.TranscriptFailed(utterance, "stt_lost", "lost"))
        case "model_text" if models:
            for _ in range(n):
                if (generation := models[n % len(models)]) in call.models:
                    call.model_text(generation)
        case "model_tool" if models:
            name = OWN_TOOL.spec.name if n else "client_tool"
            call.send(facts.ModelToolCall(models[0], 0, f"call_{call.marker()}", name, "{}"))
        case "model_finishes" if models:
            call.model_finishes(models[n % len(models)])
        case "model_fails" if models:
            generation = models[n % len(models)]
            call.models.discard(generation)
            call.send(facts.ModelFailed(generation, "model_error", "broke"))
        case "stale_model":
            for generation in sorted(call.stopped_models)[:n]:
                call.model_text(generation)
        case "voice_word":
            for generation in voices:
                for _ in range(n):
                    call.voice_speaks(generation)
        case "voice_finishes":
            for generation in sorted(call.finished_voices & set(voices))[:n]:
                call.voice_finishes(generation)
        case "voice_fails" if voices:
            generation = voices[n % len(voices)]
            call.voices.pop(generation)
            call.send(facts.VoiceFailed(generation, "voice_error", "broke"))
        case "tool_finishes":
            for call_id in sorted(call.tools):
                call.tools.discard(call_id)
                call.send(facts.ToolFinished(call_id, "{}", bool(n)))
        case "item":
            call.send(facts.ItemCreate(user_text("", "hello there")))
        case "respond":
            call.send(facts.ResponseCreate(out_of_band=n == 2))
        case "cancel":
            call.send(facts.ResponseCancel())
        case "commit":
            if n:
                call.send(facts.AudioBegan(call.audio_ms))
            call.send(facts.AudioCommit(call.audio_ms + n, float(n)))
        case "clear":
            call.send(facts.AudioClear())
        case "delete":
            ids = [item.id for item in call.core.history]
            if ids:
                call.send(facts.ItemDelete(ids[n % len(ids)]))


def check_heard(call: FakeCall) -> None:
    """The words in the history are the words the ear heard."""
    call.core.heard.refresh(call.now_ms)
    for item in call.core.history:
        if item.role == "assistant" and item.spoken and item.id in call.ear:
            assert item.heard.split() == call.ear[item.id].heard_words(call.now_ms)
            assert item.sent.startswith(item.heard)
            assert item.synthesised.startswith(item.sent)
            assert item.generated.startswith(item.synthesised)


def check_nothing_stale(call: FakeCall) -> None:
    """Words of work that was stopped or discarded are nowhere."""
    everything = msgspec.json.encode([msgspec.to_builtins(action) for action in call.told]).decode()
    history = " ".join(item.generated + item.heard for item in call.core.history)
    for marker in call.stale_markers:
        assert f"{marker} " not in history + " "
        assert f'"{marker} "' not in everything


def check_kept(call: FakeCall) -> None:
    """What was deleted stays so, and of everything else the last state is on record as one that stays."""
    deleted = {action.item_id for action in call.told if isinstance(action, act.ItemDeleted)}
    assert deleted.isdisjoint(item.id for item in call.core.history)
    last = {action.item.id: action for action in call.told if isinstance(action, act.Remember)}
    for item in call.core.history:
        assert last[item.id].item == item
        assert not last[item.id].progress


@given(st.sampled_from(SESSIONS), STEPS)
@settings(max_examples=600, deadline=None)
def test_every_order_of_events_keeps_the_rules(session: ConversationSettings, steps: list[tuple[str, int]]) -> None:
    call = FakeCall(session)
    for step in steps:
        play(call, step)
        check_heard(call)
    if session.turn_detection is not None:  # else the agent would go on prompting the silent caller
        call.send(facts.Configured(msgspec.structs.replace(session, turn_detection=ServerVad())))
    call.settle()
    assert call.core.active is None, "a response never ended"
    assert not call.core.caller.awaited, "a turn never ended"
    assert call.core.phase is Phase.LISTENING
    assert call.open_response is None
    check_heard(call)
    check_kept(call)
    check_nothing_stale(call)
    call.send(facts.Close("over"))
    for step in steps[:10]:
        play(call, step)  # FakeCall.send asserts that nothing follows a close


@given(STEPS)
@settings(max_examples=200, deadline=None)
def test_a_close_in_the_middle_ends_everything(steps: list[tuple[str, int]]) -> None:
    call = FakeCall(SESSIONS[0])
    for step in steps:
        play(call, step)
    call.send(facts.Close("over"))
    assert call.open_response is None
    assert not call.models
    assert all(not waiting or generation in call.stopped_voices for generation, waiting in call.voices.items())
    assert call.core.wake_ms() is None or call.core.phase is Phase.CLOSED


@given(st.lists(st.one_of(GUESSES, GUESSES, PROGRESS, EVENTS), min_size=6, max_size=40))
@settings(max_examples=200, deadline=None)
def test_speculation_leaves_no_trace_unless_it_is_taken(steps: list[tuple[str, int]]) -> None:
    call = FakeCall(SESSIONS[0])
    guesses: dict[str, str] = {}
    for step in steps:
        play(call, step)
        reply = call.core.speculation.reply
        if reply is not None:
            for message in reply.spoken:
                assert message.id not in call.core.history
                guesses[message.id] = reply.id
    taken = {action.response.id for action in call.told if isinstance(action, act.ResponseCreated)}
    told = {action.item.id for action in call.told if isinstance(action, act.OutputItemAdded)}
    for item_id, reply_id in guesses.items():
        if reply_id not in taken:
            assert item_id not in told
            assert item_id not in call.core.history
            assert item_id not in call.ear or not call.ear[item_id].played
