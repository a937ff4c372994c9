"""How many words recognisers are told to expect."""

import pytest

from pipelines.stt.keyterms import MAX_CHARS, keyterms, terms_in
from simulators.deepgram.query import too_many_keyterms


def test_each_is_named_once_and_the_first_list_comes_first() -> None:
    assert keyterms(["Call Deck", " acme  voice "], ["Acme Voice", "", "Growth"]) == (
        "Call Deck",
        "acme voice",
        "Growth",
    )


def test_no_more_than_every_vendor_takes() -> None:
    for word in ("a", "deck", "hexakosioihexekontahexaphobia"):
        kept = keyterms(f"{word} {number}" for number in range(1000))
        assert 0 < sum(map(len, kept)) <= MAX_CHARS
        assert len(kept) <= 100
        assert not too_many_keyterms(kept)


@pytest.mark.parametrize(
    ("prompt", "terms"),
    [
        ("Kestrel, call deck,  RingCentral", ("Kestrel", "call deck", "RingCentral")),
        ("Keywords: Kestrel; Acme Voice", ("Kestrel", "Acme Voice")),
        (
            "The caller asks about Kestrel VoIP and its 3CX bridge. They may move from RingCentral in 30 days.",
            ("Kestrel VoIP", "3CX", "RingCentral"),
        ),
        ("expect words related to technology", ()),
        ("", ()),
    ],
)
def test_a_prompt_tells_the_words_to_expect(prompt: str, terms: tuple[str, ...]) -> None:
    assert keyterms(terms_in(prompt)) == terms
