"""How many words recognisers are told to expect."""

from pipelines.stt.keyterms import MAX_CHARS, keyterms
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
