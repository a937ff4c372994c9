"""An address read back, and what people say when it is not quite right."""

import pytest
from playbook_talk import Talk

from pipelines.playbook.extract.email_corrections import corrected_email

KNOWN = "rachel.green@brightsmile.com"


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("no, brightsmiles with an s at the end", "rachel.green@brightsmiles.com"),
        ("no it's dot org", "rachel.green@brightsmile.org"),
        ("org, not com", "rachel.green@brightsmile.org"),
        ("not com but net", "rachel.green@brightsmile.net"),
        ("green with an e", "rachel.greene@brightsmile.com"),
        ("Greene, with an e at the end", "rachel.greene@brightsmile.com"),
        ("it's r a c h e l l e", "rachelle.green@brightsmile.com"),
        ("no, Rachael", "rachael.green@brightsmile.com"),
        ("it ends in dot io", "rachel.green@brightsmile.io"),
        ("no", None),
        ("no, that's wrong", None),
        ("that's not my address", None),
        ("yes that's right", None),
        ("rachel green at brightsmile", None),
        ("can we do tuesday instead", None),
        ("what does it cost", None),
    ],
)
def test_the_part_that_is_wrong_is_exchanged(said: str, address: str | None) -> None:
    assert corrected_email(KNOWN, said) == address


def test_it_is_read_back_again_and_then_stands() -> None:
    talk = Talk()
    said = talk.script(
        "can you send me something in writing",
        "it's rachel dot green at brightsmile dot com",
        "no, brightsmiles with an s at the end",
        "yes",
    )
    assert "brightsmiles dot com" in said[3]
    assert talk.state.facts.email == "rachel.green@brightsmiles.com"
    assert talk.state.address.confirmed


def test_one_that_is_wrong_altogether_is_asked_for_again() -> None:
    talk = Talk()
    said = talk.script("can you send me something in writing", "jane at acme dot com", "no that's wrong")
    assert talk.state.facts.email is None
    assert "address" in said[3]
