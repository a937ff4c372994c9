import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.stt.addresses import write_addresses


def written(heard: str) -> str:
    return " ".join(write_addresses(heard.split()))


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("jane at acme dot com", "jane@acme.com"),
        ("jane dot doe at acme dot com", "jane.doe@acme.com"),
        ("my email is john smith at gmail dot com thanks", "my email is johnsmith@gmail.com thanks"),
        ("it's j s m i t h two at blue sky dot i o", "it's jsmith2@bluesky.io"),
        ("info at acme dot co dot u k please", "info@acme.co.uk please"),
        ("jane underscore doe at acme dash logistics dot com", "jane_doe@acme-logistics.com"),
        ("you can write to me at laura dot meyer at outlook dot com", "you can write to me at laura.meyer@outlook.com"),
        ("the address is peter at wilson motors dot com", "the address is peter@wilsonmotors.com"),
        ("please have a look at acme dot com", "please have a look at acme.com"),
        ("our website is acme dot com", "our website is acme.com"),
        ("i think that you can reach maria at work dot com", "i think that you can reach maria@work.com"),
    ],
)
def test_addresses_are_written(heard: str, expected: str) -> None:
    assert written(heard) == expected


@pytest.mark.parametrize(
    "heard", ["we are at acme", "at nine on monday", "connect the dot to me", "look at the dot", "at", "dot com", ""]
)
def test_what_is_no_address_stays(heard: str) -> None:
    assert written(heard) == heard


@given(st.lists(st.sampled_from("at dot com jane a i o u k is the acme underscore two co".split()), max_size=14))
def test_any_words_are_taken(words: list[str]) -> None:
    assert all(write_addresses(words))
    assert "".join(write_addresses(words)).count("@") <= words.count("at")
