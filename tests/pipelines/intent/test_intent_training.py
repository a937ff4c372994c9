"""The shipped weights fit the phrasings they were made from, and the parts that make them work."""

import random
from importlib import resources

import numpy as np

from pipelines.intent.features import MAX_WORDS, UNKNOWN, is_word, shape_features, word_features, words
from pipelines.intent.labels import LABELS
from pipelines.intent.model import IntentModel
from pipelines.intent.training.augment import hide_some, typing_error, variants
from pipelines.intent.training.grammar import corpus, expand, lines, word_lists, write_out
from pipelines.intent.training.regression import Samples, fit
from pipelines.intent.training.train import fingerprint


def test_the_weights_are_of_these_phrasings() -> None:
    """When this fails, run ``python -m pipelines.intent.training.train``."""
    with resources.as_file(resources.files("pipelines.intent") / "weights.npz") as path, np.load(path) as data:
        assert data["fingerprint"].tobytes().decode() == fingerprint()
        assert data["weights"].shape[1] == len(LABELS)


def test_there_are_thousands_of_varied_phrasings() -> None:
    rows = corpus(1)
    by_label = {label: [text for text, found in rows if found == label] for label in LABELS}
    assert all(len(set(texts)) == len(texts) for texts in by_label.values())
    assert min(len(texts) for texts in by_label.values()) > 200
    assert sum(len(texts) for texts in by_label.values()) > 10_000


def test_no_pattern_is_left_unexpanded() -> None:
    assert not [text for text, _ in corpus(2) if set(text) & set("()|")]


def test_every_list_a_pattern_names_exists() -> None:
    rng = random.Random(0)
    for label in LABELS:
        for pattern in lines(f"{label}.txt"):
            assert expand(pattern, rng)


def test_a_small_pattern_is_written_out_and_a_large_one_is_not() -> None:
    rng = random.Random(0)
    assert sorted(write_out("(a|b) (c|)", rng)) == ["a", "a c", "b", "b c"]
    assert write_out(" ".join(["(a|b|c|d)"] * 4), rng) == []
    assert expand("<day>", rng) in word_lists()["day"]


def test_words_of_figures_money_and_addresses() -> None:
    assert words("It's $500 for 25 people, jane@acme.com!") == ["its", "<money>", "for", "<n>", "people", "<email>"]
    assert words("write to jane dot doe at acme dot com") == ["write", "to", "<email>"]
    assert len(words("word " * 500)) == MAX_WORDS


def test_features_name_words_their_pieces_and_their_neighbours() -> None:
    assert word_features("two") == ("two", "<n>")
    assert "~pri" in word_features("price")
    assert "^ how much" in shape_features(["how", "much"])
    assert is_word("<unk>")
    assert not is_word("~pri")
    assert not is_word("how much")


def test_a_rare_word_is_sometimes_hidden_but_never_in_a_short_text() -> None:
    rng = random.Random(3)
    rare = frozenset({"zebra"})
    shown = [hide_some(["the", "zebra", "sleeps"], rare, rng)[0] for _ in range(50)]
    assert {tokens[1] for tokens in shown} == {"zebra", UNKNOWN}
    assert hide_some(["zebra"], rare, rng)[0] == ["zebra"]


def test_variants_keep_the_sentence_and_typing_errors_its_length_within_one() -> None:
    rng = random.Random(4)
    text = "how much does it cost"
    assert variants(text, "pricing", rng)[0] == text
    assert all(abs(len(typing_error(text, rng)) - len(text)) <= 1 for _ in range(50))


def test_the_regression_learns_what_can_be_learned() -> None:
    columns = np.array([0, 2, 1, 2] * 50)
    samples = Samples(
        columns=columns,
        starts=np.arange(0, len(columns) + 1, 2),
        scale=np.ones(len(columns) // 2, dtype=np.float32),
        targets=np.array([0, 1] * 50),
    )
    weights, bias = fit(samples, features=3, emphasis=np.ones(2, dtype=np.float32), seed=0)
    assert weights[0, 0] > weights[0, 1]
    assert weights[1, 1] > weights[1, 0]
    assert bias.shape == (2,)


def test_the_model_reads_unknown_words_by_their_pieces() -> None:
    names = ["~pri", UNKNOWN]
    weights = np.zeros((2, len(LABELS)), dtype=np.float32)
    weights[0, LABELS.index("pricing")] = 9.0
    model = IntentModel(names, weights, np.zeros(len(LABELS), dtype=np.float32))
    scores = model.probabilities("pricey")
    assert max(scores) == scores[LABELS.index("pricing")]
