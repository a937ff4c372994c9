"""First words that are prescribed are said as they stand, whatever model says the rest."""

import pytest

from agent_server.telephony.outbound.opening import greeting, instructions
from pipelines.agent_profile import instructions_of
from pipelines.llm.port import ChatRequest, Completed, LlmEvent, Message, Serving, TextDelta, ToolSpec
from pipelines.playbook.opening_words import OpeningWords, opening_words
from storage.agents.profiles import ProfileFacts

BIKES = ProfileFacts(name="Zoë", company="Bol Bikes", greeting="Zoë here. What do you need?")
TOLD = instructions_of(BIKES, "You are friendly.")


class Other:
    """A model that says its own."""

    name = "other"
    healthy = False

    async def stream(self, _: ChatRequest):  # type: ignore[no-untyped-def]
        yield TextDelta("Hey!")
        yield Completed("stop")

    async def aclose(self) -> None:
        pass


async def said(request: ChatRequest) -> tuple[str, list[LlmEvent]]:
    events = [event async for event in OpeningWords(Other()).stream(request)]
    return "".join(event.text for event in events if isinstance(event, TextDelta)), events


def asking(*messages: Message) -> ChatRequest:
    return ChatRequest(messages)


async def test_a_profile_greets_in_its_own_words_and_the_model_says_the_rest() -> None:
    first = Message("system", TOLD)
    text, events = await said(asking(first, Message("system", "About the caller, as data: {}")))
    assert text == BIKES.greeting
    assert isinstance(events[0], Serving) and isinstance(events[-1], Completed)
    assert (await said(asking(first, Message("user", "Hi"))))[0] == "Hey!"
    assert (await said(asking(first, Message("assistant", "Zoë"), Message("system", "Go on."))))[0] == "Hey!"
    assert OpeningWords(Other()).name == "other" and not OpeningWords(Other()).healthy


@pytest.mark.parametrize("before", ["You are Ava from Acme.", TOLD], ids=["settings", "profile"])
def test_a_call_of_ours_opens_with_what_the_law_wants(before: str) -> None:
    opening = greeting("Zoë", "Bol Bikes", name="Jane Doe", purpose="your trial")
    told = f"{before} {instructions(opening, purpose='your trial')}"
    assert opening_words(asking(Message("system", told))) == opening


def test_other_words_are_the_models_own() -> None:
    assert opening_words(asking(Message("system", 'Greet them with "Hello." at first.'))) is None
    assert opening_words(asking(Message("system", instructions_of(ProfileFacts(name="Zoë"), "Hi.")))) is None
    assert opening_words(ChatRequest((Message("system", TOLD),), response_schema={"type": "object"})) is None
    forced = ChatRequest((Message("system", TOLD),), tools=(ToolSpec("look", "", {}),), tool_choice="required")
    assert opening_words(forced) is None
