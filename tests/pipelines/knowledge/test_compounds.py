"""A compound that nobody wrote down is found by the part that somebody did."""

from random import Random

import pytest

from pipelines.knowledge.compounds import SHORTEST_PART, Compounds


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("vertragslaufzeit", "vertrag"),
        ("mindestvertrag", "vertrag"),
        ("daten", "datenschutz"),
        ("schutz", "datenschutz"),
        ("datenschutzvertrag", "datenschutz"),
        ("laufzeit", "laufzeit"),
        ("tag", "tag"),
        ("ver", "ver"),
        ("", ""),
    ],
)
def test_the_longest_that_is_akin_is_found(asked: str, found: str) -> None:
    assert Compounds(["vertrag", "datenschutz", "test", "tag"]).known(asked) == found


def test_of_no_words_none_is_found() -> None:
    assert Compounds([]).known("vertragslaufzeit") == "vertragslaufzeit"


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_looking_at_every_word_finds(seed: int) -> None:
    dice = Random(seed)
    words = ["".join(dice.choices("abc", k=dice.randint(1, 9))) for _ in range(200)]
    compounds = Compounds(words)
    for _ in range(200):
        asked = "".join(dice.choices("abc", k=dice.randint(SHORTEST_PART, 12)))
        akin = [
            word
            for word in words
            if len(word) >= SHORTEST_PART
            and (asked.startswith(word) or asked.endswith(word) or word.startswith(asked) or word.endswith(asked))
        ]
        assert compounds.known(asked) == max(akin, key=lambda word: (len(word), word), default=asked)
