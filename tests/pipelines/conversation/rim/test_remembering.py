"""What the caller wanted is found once the model has been asked, told once, and remembered with the newest state."""

import asyncio

import pytest
from msgspec import Struct, structs

from pipelines.conversation.actions import Action, Remember
from pipelines.conversation.items import Item, user_text
from pipelines.conversation.rim.remembering import INTENT_AFTER_S, Remembering
from pipelines.intent.classifier import Intent


class Told(Struct):
    """The client and the memory in one, so that their order shows."""

    news: list[tuple[str, str, str | None]] = []

    def tell(self, action: Action, now_ms: float) -> None:
        raise AssertionError("only intents are told here")

    def tell_intent(self, item_id: str, intent: Intent) -> None:
        self.news.append(("told", item_id, intent.label))

    async def kept(self, timeout_s: float) -> None:
        raise AssertionError("nobody waits here")

    def remember(self, item: Item, position: float, *, intent: Intent | None, progress: bool) -> None:
        self.news.append((item.status, item.id, intent.label if intent else None))

    def forget(self, item_id: str) -> None:
        self.news.append(("forgotten", item_id, None))

    def turn(self, timings: object) -> None:
        raise AssertionError("no turn is recorded here")


@pytest.fixture
def told() -> Told:
    return Told()


PRICE = user_text("item_1", "How much does it cost?")


def _remember(item: Item) -> Remember:
    return Remember(item, 1.0)


async def test_an_item_is_remembered_at_once_and_again_with_what_was_wanted(told: Told) -> None:
    remembering = Remembering(told, told, lambda: "en")
    remembering.remember(_remember(PRICE))
    assert told.news == [("completed", "item_1", None)]
    await asyncio.sleep(2 * INTENT_AFTER_S)
    assert told.news[1:] == [("told", "item_1", "pricing"), ("completed", "item_1", "pricing")]
    remembering.remember(_remember(PRICE))
    await asyncio.sleep(2 * INTENT_AFTER_S)
    assert told.news[3:] == [("completed", "item_1", "pricing")]


async def test_the_newest_state_is_what_is_remembered_again(told: Told) -> None:
    remembering = Remembering(told, told, lambda: "en")
    remembering.remember(_remember(structs.replace(PRICE, status="in_progress")))
    remembering.remember(_remember(PRICE))
    await asyncio.sleep(2 * INTENT_AFTER_S)
    assert told.news[2:] == [("told", "item_1", "pricing"), ("completed", "item_1", "pricing")]


async def test_each_item_is_classified_in_its_time_and_none_before_its_words_are_known(told: Told) -> None:
    remembering = Remembering(told, told, lambda: "en")
    remembering.remember(_remember(user_text("item_0", "")))
    for item in (PRICE, user_text("item_2", "Please stop calling me.")):
        remembering.remember(_remember(item))
        await asyncio.sleep(2 * INTENT_AFTER_S)
        assert ("told", item.id) in [news[:2] for news in told.news], "not only at the end"
    remembering.remember(_remember(user_text("item_0", "How much does it cost?")))
    remembering.close()
    wanted = [(item_id, label) for what, item_id, label in told.news if what == "told"]
    assert wanted == [("item_1", "pricing"), ("item_2", "opt_out"), ("item_0", "pricing")]


async def test_what_is_forgotten_meanwhile_stays_forgotten(told: Told) -> None:
    remembering = Remembering(told, told, lambda: "en")
    remembering.remember(_remember(PRICE))
    remembering.forget("item_1")
    remembering.close()
    assert told.news[1:] == [("forgotten", "item_1", None)]


async def test_a_conversation_that_ends_in_the_meantime_is_classified_to_its_end(told: Told) -> None:
    remembering = Remembering(told, told, lambda: "en")
    remembering.remember(_remember(PRICE))
    remembering.close()
    remembering.close()
    assert told.news[1:] == [("told", "item_1", "pricing"), ("completed", "item_1", "pricing")]
