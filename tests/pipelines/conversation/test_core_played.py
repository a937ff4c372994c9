"""What clients tell of their playback, and what is remembered of a reply by it: never more than was sent."""

import pytest
from core_calls import EAGER, speaking, told
from fake_call import BYTES_PER_MS, WORD_MS, FakeCall
from msgspec import structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item, user_text
from pipelines.conversation.settings import Pacing


def spoken(call: FakeCall) -> Item:
    (reply,) = (item for item in call.core.history if item.role == "assistant")
    return reply


def earlier() -> tuple[ConversationCore, Item]:
    """A conversation that is continued, and its last reply, of which 300 of 400 ms were on record as heard."""
    item = Item(
        id="r",
        type="message",
        role="assistant",
        spoken=True,
        generated="one two three four",
        synthesised="one two three four",
        sent="one two three four",
        heard="one two three",
        heard_ms=300.0,
        audio_ms=400.0,
        word_ends=((100.0, 3), (200.0, 7), (300.0, 13), (400.0, 18)),
    )
    return ConversationCore(EAGER, id_prefix="t", items=[(user_text("u", "hi"), 1.0), (item, 2.0)]), item


def test_a_report_corrects_what_is_taken_to_be_heard() -> None:
    call = speaking(words=6)
    call.settle()
    before = spoken(call)
    assert before.heard.split() == [word for word, _ in call.ear[before.id].words]
    call.send(facts.PlaybackReported(before.id, 2 * WORD_MS, final=True))
    assert len(spoken(call).heard.split()) == 2
    assert spoken(call).heard_ms == 2 * WORD_MS
    assert told(call, act.Remember)[-1].item == spoken(call)


def test_a_written_reply_and_words_of_the_callers_are_not_played() -> None:
    call = FakeCall(structs.replace(EAGER, reply=structs.replace(EAGER.reply, modality="text")))
    call.send(facts.ItemCreate(user_text("mine", "hello")))
    call.send(facts.ResponseCreate())
    call.model_text(*call.models)
    call.model_finishes(*call.models)
    before = list(call.core.history)
    for item in before:
        call.send(facts.PlaybackReported(item.id, 10.0, final=True))
    call.send(facts.PlaybackReported("nobody", 10.0, final=True))
    assert list(call.core.history) == before


@pytest.mark.parametrize(
    ("audio_ms", "heard", "heard_ms"), [(200.0, "one two", 200.0), (9000.0, "one two three four", 1400.0)]
)
def test_of_a_reply_before_the_line_broke_a_last_report_tells(audio_ms: float, heard: str, heard_ms: float) -> None:
    core, item = earlier()
    assert core.step(facts.PlaybackReported("r", audio_ms), 0.0) == [], "it plays on, and more is told"
    (remembered,) = core.step(facts.PlaybackReported("r", audio_ms, final=True), 0.0)
    assert isinstance(remembered, act.Remember)
    assert (remembered.item.heard, remembered.item.heard_ms) == (heard, heard_ms)
    assert core.history.get(item.id) == remembered.item


def test_one_of_those_can_be_truncated_too() -> None:
    core, _ = earlier()
    actions = core.step(facts.ItemTruncate("r", 0, 100.0), 0.0)
    assert [type(action) for action in actions] == [act.Remember, act.ItemTruncated]
    assert core.history.get("r").heard == "one"


@pytest.mark.parametrize(
    ("item_id", "index", "end_ms", "param"),
    [
        ("u", 0, 0.0, "item_id"),
        ("r", 1, 0.0, "content_index"),
        ("r", 0, -1.0, "audio_end_ms"),
        ("r", 0, 402.0, "audio_end_ms"),
    ],
)
def test_what_cannot_be_truncated_is_refused(item_id: str, index: int, end_ms: float, param: str) -> None:
    core, item = earlier()
    (refused,) = core.step(facts.ItemTruncate(item_id, index, end_ms, "e"), 0.0)
    assert isinstance(refused, act.Refused)
    assert (refused.code, refused.param, refused.cause) == ("invalid_value", param, "e")
    assert core.history.get("r") == item


@pytest.mark.parametrize(("follows", "lead_ms"), [(True, 80.0 + 60.0), (False, 110.0)])
def test_a_line_that_was_measured_is_kept_so_far_ahead(follows: bool, lead_ms: float) -> None:
    settings = structs.replace(EAGER, pacing=Pacing(follows_line=follows))
    call = FakeCall(settings)
    call.send(facts.LineMeasured(60.0))
    call.send(facts.ResponseCreate())
    call.model_text(*call.models)
    call.send(facts.VoiceAudio(*call.voices, bytes(500 * BYTES_PER_MS)))
    assert call.plays_until_ms - call.now_ms == lead_ms


def test_when_the_line_breaks_what_was_not_played_by_then_was_not_heard() -> None:
    call = speaking(words=10)
    while call.core.active is not None:
        call.advance(10.0)
    at_ms = call.now_ms
    call.send(facts.Close("dropped"))
    reply = spoken(call)
    assert reply.heard.split() == call.ear[reply.id].heard_words(at_ms)
    assert reply.heard != reply.generated.strip()
