"""A conversation that goes on and on: the oldest items leave memory, and what a client asks of them is still done."""

from core_calls import EAGER, speaking, told
from fake_call import FakeCall
from msgspec import structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import Item, user_text
from pipelines.conversation.settings import ConversationSettings, Limits, ReplySettings
from pipelines.conversation.truncation import Truncation

SHORT = structs.replace(EAGER, limits=Limits(history_items=6))
WRITTEN = ReplySettings(modality="text")


def long_call(count: int = 7, settings: ConversationSettings = SHORT) -> FakeCall:
    call = FakeCall(settings)
    for number in range(count):
        call.send(facts.ItemCreate(user_text(f"i{number}", f"words {number}")))
    return call


def ids(call: FakeCall) -> list[str]:
    return [item.id for item in call.core.history]


def test_what_is_too_much_for_memory_leaves_it_the_oldest_first() -> None:
    call = long_call(6)
    assert ids(call) == [f"i{number}" for number in range(6)]
    assert not call.core.history.has_older
    call.send(facts.ItemCreate(user_text("i6", "words 6")))
    assert ids(call) == ["i3", "i4", "i5", "i6"]
    assert told(call, act.LetGo) == [act.LetGo(("i0", "i1", "i2"))]
    assert not told(call, act.Refused)
    assert not told(call, act.Forget), "it stays on record"


def test_however_long_it_gets_memory_is_bounded_and_positions_go_on() -> None:
    call = long_call(500)
    assert len(call.core.history) <= 6
    positions = [action.position for action in told(call, act.Remember)]
    assert positions == sorted(set(positions))
    call.send(facts.ResponseCreate(reply=WRITTEN))
    (asked,) = told(call, act.StartModel)
    assert asked.request.messages[-1].content == "words 499"


def test_nothing_leaves_while_a_reply_is_under_way() -> None:
    call = speaking(words=60, settings=structs.replace(SHORT, limits=Limits(history_items=2)))
    reply = told(call, act.OutputItemAdded)[-1].item.id
    for number in range(20):
        call.send(facts.ItemCreate(user_text(f"i{number}", "hello")))
    assert reply in call.core.history
    assert not told(call, act.LetGo)
    call.advance(60_000.0)
    assert len(call.core.history) == 1
    assert told(call, act.Remember)[-1].item.heard.endswith("w59"), told(call, act.Remember)[-1]


def test_what_is_asked_of_an_older_item_is_done_once_it_is_recalled() -> None:
    call = long_call()
    said = Item(
        id="i0", type="message", role="assistant", spoken=True, generated="a b c d", sent="a b c d", heard="a b c d",
        audio_ms=400.0, heard_ms=400.0,
    )  # fmt: skip
    call.send(facts.ItemsRecalled(((said, 1024.0),)))
    call.send(facts.ItemRetrieve("i0"))
    assert told(call, act.ItemRetrieved)[-1].item == said
    call.send(facts.ItemTruncate("i0", 0, 200.0))
    assert [truncated.audio_end_ms for truncated in told(call, act.ItemTruncated)] == [200]
    remembered = told(call, act.Remember)[-1]
    assert (remembered.item.heard, remembered.position) == ("a b", 1024.0)
    call.send(facts.ItemDelete("i0"))
    assert told(call, act.Forget) == [act.Forget("i0")]
    assert told(call, act.ItemDeleted) == [act.ItemDeleted("i0")]
    assert ids(call) == ["i3", "i4", "i5", "i6"], "it was never among them again"
    assert not told(call, act.Refused)
    call.send(facts.ItemRetrieve("i0", "e"))
    assert [(refused.code, refused.cause) for refused in told(call, act.Refused)] == [("unknown_item", "e")]


def test_one_that_was_recalled_for_an_earlier_request_is_not_kept() -> None:
    call = long_call()
    call.send(facts.ItemsRecalled(((user_text("i0", ""), 1024.0),)))
    call.send(facts.ItemsRecalled(((user_text("i1", ""), 2048.0),)))
    assert [f"i{number}" in call.core.history for number in range(2)] == [False, True]


def test_an_older_item_is_no_place_for_a_new_one_and_its_id_is_taken() -> None:
    call = long_call()
    call.send(facts.ItemsRecalled(((user_text("i0", "words 0"), 1024.0),)))
    call.send(facts.ItemCreate(user_text("i0", "others"), cause="taken"))
    call.send(facts.ItemCreate(user_text("new", "others"), "i0", "place"))
    refused = [(refused.code, refused.param, refused.cause) for refused in told(call, act.Refused)]
    assert refused == [("duplicate_item", "item.id", "taken"), ("invalid_value", "previous_item_id", "place")]
    assert ids(call) == ["i3", "i4", "i5", "i6"]


def test_an_older_item_can_be_an_answers_own_input() -> None:
    call = long_call()
    call.send(facts.ItemsRecalled(((user_text("i0", "words 0"), 1024.0),)))
    reference = Item(id="i0", type="message")
    call.send(facts.ResponseCreate(reply=WRITTEN, items=(reference,), item_references=("i0",), out_of_band=True))
    assert [message.content for message in told(call, act.StartModel)[0].request.messages] == ["words 0"]


def test_what_is_put_first_is_the_first_on_record() -> None:
    call = long_call()
    for number in range(2):
        call.send(facts.ItemCreate(user_text(f"root{number}", ""), "root"))
    positions = {action.item.id: action.position for action in told(call, act.Remember)}
    assert positions["root1"] < positions["root0"] < positions["i0"]
    assert [added.previous_item_id for added in told(call, act.ItemAdded)[-2:]] == [None, None]


def test_what_follows_once_all_in_memory_is_deleted_is_still_the_last() -> None:
    call = long_call()
    for item_id in ids(call):
        call.send(facts.ItemDelete(item_id))
    call.send(facts.ItemCreate(user_text("new", "")))
    positions = [action.position for action in told(call, act.Remember)]
    assert positions[-1] == max(positions)


def test_a_wish_not_to_be_recorded_outlives_the_words() -> None:
    call = FakeCall(SHORT)
    call.send(facts.ItemCreate(user_text("wish", "please don't record this call")))
    for number in range(7):
        call.send(facts.ItemCreate(user_text(f"i{number}", "hello")))
    assert "wish" not in call.core.history
    assert call.core.recording.caller_refuses
    assert not long_call().core.recording.caller_refuses


def test_a_conversation_that_may_not_be_cut_gets_no_reply_once_some_of_it_is_not_at_hand() -> None:
    call = long_call(settings=structs.replace(SHORT, truncation=Truncation(keep=None)))
    call.send(facts.ResponseCreate(reply=WRITTEN))
    assert [done.response.error_code for done in told(call, act.ResponseDone)] == ["conversation_too_long"]
