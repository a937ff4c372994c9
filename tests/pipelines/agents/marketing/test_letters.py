"""What rules write for an agent that talks another language is in that language, whole, and promises nothing new."""

from typing import Any

import pytest
from agent_world import running_agents

from pipelines.agents.marketing import templates
from pipelines.agents.marketing.brief import Brief, Sender
from pipelines.knowledge.analysis.languages import language_of
from pipelines.language.words import WORDS
from storage.postgres.database import Database

GERMAN = Sender("Mia", "Initech", language="de-AT")
LEAD: dict[str, Any] = {
    "contact_name": "Dr. ANNA HUBER",
    "company_name": "Acme GmbH",
    "need": "weniger Anrufe verpassen.",
}
LINE = "Die Einrichtung dauert einen Tag und ist im Preis enthalten."


def test_a_first_message_reads_as_one_writes_there() -> None:
    brief = Brief(goal="Invite them to a demo", line=LINE, posted='I read what you wrote: "Acme opens 2 offices".')
    assert templates.email(LEAD, GERMAN, brief) == (
        "Guten Tag Dr. Huber,\n\n"
        "ich habe verstanden, dass Sie sich damit beschäftigen: weniger Anrufe verpassen. Ich bin Mia von Initech.\n\n"
        "Gern zeige ich Ihnen, wie andere das angehen, und wir sehen, ob es zu Ihnen passt. Das dauert eine"
        f" Viertelstunde. {LINE}\n\n"
        "Passt Ihnen nächste Woche ein kurzes Gespräch?"
    )
    assert templates.subjects(LEAD, GERMAN, "Invite them to a demo") == [
        "Weniger Anrufe verpassen",
        "Eine Frage zu Acme GmbH",
        "Eine Idee für Acme GmbH",
        "Ein kurzes Gespräch?",
    ]


def test_what_we_know_in_another_language_is_left_out() -> None:
    assert "takes a day" not in templates.email(
        LEAD, GERMAN, Brief(line="It takes a day to set everything up for you.")
    )


def test_of_somebody_nothing_is_known_of_nothing_is_said() -> None:
    for text in (
        templates.email({}, GERMAN),
        templates.linkedin({}, GERMAN),
        templates.call({}, Sender(language="de")),
    ):
        assert text.startswith("Guten Tag")
        assert "{" not in text
        assert "None" not in text
    assert templates.subjects({}, GERMAN) == ["Ein kurzes Gespräch?"]


@pytest.mark.parametrize("code", WORDS)
@pytest.mark.parametrize("lead", [LEAD | {"need": None}, {}], ids=["somebody", "nobody"])
def test_all_of_it_is_in_the_language_of_the_agent(code: str, lead: dict[str, Any]) -> None:
    sender = Sender("Mia", "Initech", language=code)
    texts = [templates.email(lead, sender, Brief(follow_up=step)) for step in range(3)]
    texts += [templates.linkedin(lead, sender), templates.call(lead, sender)]
    for text in texts:
        assert language_of(text, code) == code
        assert not [part for part in text.split("\n") if language_of(part, code) == "en"]
    assert len(set(texts[:3])) == 3
    assert len(templates.linkedin(LEAD | {"need": "x" * 500}, sender)) <= templates.LINKEDIN_CHARS


def test_where_no_words_are_known_it_is_english() -> None:
    assert templates.email(LEAD, Sender(language="pl")).startswith("Hi Dr. Huber,")


async def test_an_agent_writes_so_where_no_model_does(database: Database) -> None:
    async with running_agents(database, sender=lambda _: GERMAN) as world:
        first = await world.agents.invoke("marketing", {"lead": LEAD})
        second = await world.agents.invoke("marketing", {"lead": LEAD, "follow_up": 1})
    assert first.output is not None
    assert second.output is not None
    assert first.output["email"]["body"].startswith("Guten Tag Dr. Huber,\n\nich habe verstanden")
    assert first.output["email"]["subject"] == "Weniger Anrufe verpassen"
    assert first.output["linkedin"].startswith("Guten Tag Dr. Huber,")
    assert first.output["call_script"].startswith("Guten Tag Dr. Huber, hier ist Mia von Initech.")
    assert "Es ging um Folgendes: weniger Anrufe verpassen." in second.output["email"]["body"]
