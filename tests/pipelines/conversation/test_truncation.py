"""What of a long conversation a model is given."""

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item, user_text
from pipelines.conversation.settings import ConversationSettings
from pipelines.conversation.truncation import ShownHistory, Truncation, is_too_long, tokens_of

ITEM_TOKENS = 14


def item(number: int) -> Item:
    return user_text(f"item_{number}", f"{number:>40}")


def items(count: int) -> list[Item]:
    return [item(number) for number in range(count)]


def numbers(shown: list[Item]) -> list[int]:
    return [int(each.words) for each in shown]


def test_the_fixture_is_of_the_size_the_others_count_with() -> None:
    assert [tokens_of(items(count)) for count in (0, 1, 10)] == [0, ITEM_TOKENS, 10 * ITEM_TOKENS]


def test_what_fits_is_shown_whole() -> None:
    assert numbers(ShownHistory().shown(items(10), Truncation(1.0, 10 * ITEM_TOKENS))) == list(range(10))


def test_what_does_not_fit_loses_its_oldest() -> None:
    assert numbers(ShownHistory().shown(items(11), Truncation(1.0, 10 * ITEM_TOKENS))) == list(range(1, 11))


def test_a_ratio_cuts_deeper_and_then_leaves_the_beginning_alone() -> None:
    """So the provider's cache of it holds for many turns."""
    shown, rules = ShownHistory(), Truncation(0.5, 10 * ITEM_TOKENS)
    firsts = [numbers(shown.shown(items(count), rules))[0] for count in range(9, 18)]
    assert firsts == [0, 0, 6, 6, 6, 6, 6, 6, 12]


def test_a_beginning_that_was_deleted_is_no_beginning() -> None:
    shown, rules = ShownHistory(), Truncation(0.5, 10 * ITEM_TOKENS)
    shown.shown(items(11), rules)
    rest = [each for each in items(11) if each.id != "item_6"]
    assert tokens_of(shown.shown(rest, rules)) <= 10 * ITEM_TOKENS


def test_the_last_item_is_shown_however_long_it_is() -> None:
    assert numbers(ShownHistory().shown(items(3), Truncation(1.0, 0))) == [2]


def test_nothing_is_left_out_when_that_is_not_allowed() -> None:
    rules = Truncation(None, 10 * ITEM_TOKENS)
    assert len(ShownHistory().shown(items(11), rules)) == 11
    assert is_too_long(items(11), rules)
    assert not is_too_long(items(10), rules)


def core(truncation: Truncation, count: int) -> ConversationCore:
    """A conversation of so many items."""
    begun = ConversationCore(ConversationSettings(truncation=truncation), id_prefix="t")
    for each in items(count):
        begun.step(facts.ItemCreate(each), 0.0)
    return begun


def asked(actions: list[act.Action]) -> list[int]:
    (request,) = [action.request for action in actions if isinstance(action, act.StartModel)]
    return [int(message.content) for message in request.messages]


def test_the_model_is_given_the_end_of_a_long_conversation_and_the_history_keeps_all() -> None:
    conversation = core(Truncation(0.5, 10 * ITEM_TOKENS), 11)
    assert asked(conversation.step(facts.ResponseCreate(), 0.0)) == list(range(6, 11))
    assert len(conversation.history) == 11


def test_a_conversation_that_may_not_be_cut_fails_its_reply_and_goes_on() -> None:
    conversation = core(Truncation(None, 10 * ITEM_TOKENS), 11)
    actions = conversation.step(facts.ResponseCreate(), 0.0)
    (done,) = [action.response for action in actions if isinstance(action, act.ResponseDone)]
    assert (done.status, done.error_code) == ("failed", "conversation_too_long")
    conversation.step(facts.ItemDelete("item_0"), 0.0)
    assert asked(conversation.step(facts.ResponseCreate(), 0.0)) == list(range(1, 11))


def test_a_response_with_its_own_input_is_never_cut() -> None:
    conversation = core(Truncation(1.0, 2 * ITEM_TOKENS), 0)
    request = facts.ResponseCreate(items=tuple(items(5)), out_of_band=True)
    assert asked(conversation.step(request, 0.0)) == list(range(5))
