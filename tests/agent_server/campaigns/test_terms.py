"""Below a message stands who sends it and the way out, in the message's language."""

import pytest

from agent_server.campaigns.terms import Terms
from pipelines.agents.marketing import templates
from pipelines.agents.marketing.brief import Sender
from pipelines.language.words import WORDS, said

WAY_OUT = "To get no more of these messages:"


class Links:
    def url(self, token: str) -> str:
        return f"https://a.example/unsubscribe/{token}"


TERMS = Terms(company="Acme", postal_address="1 Main St", sender="", links=Links())  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["en", *WORDS])
def test_the_way_out_is_in_the_language_of_the_message(code: str) -> None:
    body = templates.email({"company_name": "Initech"}, Sender("Mia", "Acme", language=code))
    lines = TERMS.footer("t1", below=body).splitlines()
    assert lines == ["-- ", "Acme, 1 Main St", said(WAY_OUT, code), "https://a.example/unsubscribe/t1"]


def test_of_a_message_whose_language_is_not_known_it_is_english() -> None:
    assert WAY_OUT in TERMS.footer("t1", "Initech", below="Dzień dobry, czy to Państwa interesuje?")
    assert TERMS.footer("t1", "Initech").splitlines()[1] == "Initech, 1 Main St"
