"""E-mail addresses as typed, as spoken, and as recognisers write down what was spoken."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.playbook.extract import emails
from pipelines.playbook.extract.emails import find_email, spoken_email

AMBIGUOUS = frozenset(
    (*emails.NOT_LOCAL, *emails._LINKS, *emails._DIGITS, *emails._ALPHABET, *emails.TOP_DOMAINS, "at")
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("jane.doe@acme.com", "jane.doe@acme.com"),
        ("Jane.Doe@Acme.com.", "jane.doe@acme.com"),
        ("it's jane dot doe at acme dot com", "jane.doe@acme.com"),
        ("sure jane doe at acme dot com", "janedoe@acme.com"),
        ("jane at acme.com", "jane@acme.com"),
        ("jane dot doe at acme, dot com", "jane.doe@acme.com"),
        ("my email is j a n e at acme dot com", "jane@acme.com"),
        ("jane, j a n e, at acme dot com", "jane@acme.com"),
        ("that's a n n a at acme dot com", "anna@acme.com"),
        ("it is i s a at acme dot com", "isa@acme.com"),
        ("a double l y at acme dot com", "ally@acme.com"),
        ("d as in david o e at acme dot com", "doe@acme.com"),
        ("juliet alpha november echo at acme dot com", "jane@acme.com"),
        ("mike at bluebird dot io", "mike@bluebird.io"),
        ("bob underscore smith at gmail dot com thanks", "bob_smith@gmail.com"),
        ("it's kate dash lee at globex dot com", "kate-lee@globex.com"),
        ("m jones at hotmail dot co dot uk", "mjones@hotmail.co.uk"),
        ("bob one nine eight at yahoo dot com", "bob198@yahoo.com"),
        ("you can reach me at tom at blue bird dot io", "tom@bluebird.io"),
        ("send it to info at my dash company dot de please", "info@my-company.de"),
        ("actually my email is jane d at acme dot com", "janed@acme.com"),
        ("sales at initech dot com and call me tomorrow at ten", "sales@initech.com"),
        ("not bob@x.com but tom@x.com", "tom@x.com"),
        ("it's li dot oh at acme dot com", "li.oh@acme.com"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert find_email(text) == address


@pytest.mark.parametrize(
    "text", ["i work at acme", "jane at acme", "let's meet at ten dot", "at the office", "my email is", "dot com", ""]
)
def test_no_address(text: str) -> None:
    assert find_email(text) is None


@given(st.from_regex(r"[a-z]{2,8}(\.[a-z]{2,8}|_[a-z]{2,6})?@[a-z]{3,9}\.(com|io|org)", fullmatch=True))
def test_an_address_read_back_and_repeated_is_the_same(address: str) -> None:
    """Unless a part of it is a word that means something else in such a sentence."""
    assume(not AMBIGUOUS & set(re.split(r"[._@]", address)[:-1]))
    assert find_email(f"it's {spoken_email(address)}") == address


@given(st.text(max_size=120))
def test_any_text_has_an_address_or_none(text: str) -> None:
    found = find_email(text)
    assert found is None or "@" in found
