"""The arithmetic of the model: discounting, back-off, blending, and the text form."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.stt.language_model.arpa import arpa_lines
from pipelines.stt.language_model.estimate import estimate
from pipelines.stt.language_model.mixture import MixtureRules, mix
from pipelines.stt.language_model.ngrams import NgramModel

WORDS = ["a", "b", "c", "d", "<s>", "</s>"]
A, B, C, D, START, END = range(6)
SIZE = len(WORDS)
SENTENCES = [[A, B, C], [A, B, D], [A, B, C], [B, C, A], [D]]
OTHER = [[C, D, A], [C, D, B], [B, A], [D, C, B, A]]


def model_of(sentences: list[list[int]]) -> NgramModel:
    return estimate(sentences, SIZE, START, END, discount=0.5)


def following(model: NgramModel, *history: int) -> NDArray[np.float64]:
    """The distribution over all words after a history."""
    every = np.arange(SIZE)
    if not history:
        return np.exp(model.unigram_logs)
    before = [np.full(SIZE, word) for word in history]
    if len(before) == 1:
        return np.exp(model.bigram(before[0], every))
    return np.exp(model.trigram(before[0], before[1], every))


def sums_to_one(model: NgramModel) -> None:
    assert following(model).sum() == pytest.approx(1.0)
    for first in range(SIZE - 1):
        assert following(model, first).sum() == pytest.approx(1.0, abs=1e-3)
        for second in range(SIZE - 2):
            assert following(model, first, second).sum() == pytest.approx(1.0, abs=1e-3)


def test_every_distribution_sums_to_one() -> None:
    sums_to_one(model_of(SENTENCES))


def test_a_trigram_by_hand() -> None:
    """After "a b": c twice, d once; half a count taken from each and given on to the bigrams."""
    model = model_of(SENTENCES)
    given_up = 2 * 0.5 / 3
    after_b = math.exp(model.bigram(np.array([B]), np.array([C]))[0])
    expected = (2 - 0.5) / 3 + given_up * after_b
    assert following(model, A, B)[C] == pytest.approx(expected)


def test_lower_orders_count_surroundings_and_not_occurrences() -> None:
    """b follows a and the start, whatever the number of times; c follows b only."""
    model = model_of([[A, B, C]] * 50 + [[B, C]])
    unigrams = following(model)
    assert unigrams[B] == pytest.approx(2 * unigrams[C])


def test_what_was_seen_is_likelier_than_what_was_not() -> None:
    model = model_of(SENTENCES)
    after = following(model, A, B)
    assert after[C] > after[D] > after[A] > 0


def test_nothing_comes_after_the_start_but_words_and_nothing_before_it() -> None:
    assert following(model_of(SENTENCES))[START] < 1e-40


def test_a_blend_sums_to_one_and_lies_between_its_parts() -> None:
    domain, general = model_of(SENTENCES), model_of(OTHER)
    blend = mix(domain, general, START, END, MixtureRules(domain_share=0.7, least_gain=-1.0))
    sums_to_one(blend)
    history, third = np.divmod(blend.trigram_keys, SIZE)
    first, second = np.divmod(history, SIZE)
    one, other = (np.exp(model.trigram(first, second, third)) for model in (domain, general))
    mixed = np.exp(blend.trigram_logs)
    assert (mixed >= np.minimum(one, other) - 1e-9).all()
    assert (mixed <= np.maximum(one, other) + 1e-9).all()
    assert (abs(mixed - one) > 0.01).any()
    assert (abs(mixed - other) > 0.01).any()


def test_in_its_own_histories_each_model_has_the_say() -> None:
    domain, general = model_of([[A, B, C]] * 20 + [[D]]), model_of([[A, D, C]] * 20 + [[C, D, B]] * 20)
    blend = mix(domain, general, START, END, MixtureRules(domain_share=0.8))
    assert following(blend, A, B)[C] > 0.8  # the general model never saw "a b"
    assert following(domain, C, D)[B] < 0.2
    assert following(blend, C, D)[B] > 0.6  # the domain knows no "c d", and hardly has a say


def test_worthless_ngrams_of_the_general_model_are_left_out() -> None:
    domain, general = model_of(SENTENCES), model_of(OTHER)
    everything = mix(domain, general, START, END, MixtureRules(least_gain=-1.0))
    pruned = mix(domain, general, START, END, MixtureRules(least_gain=1e9))
    assert len(pruned.trigram_keys) == len(domain.trigram_keys)
    assert len(everything.trigram_keys) > len(pruned.trigram_keys)
    sums_to_one(pruned)


def test_the_text_form_holds_every_ngram_with_base_ten_logarithms() -> None:
    model = model_of([[A, B]])
    lines = list(arpa_lines(model, WORDS))
    assert lines[:4] == ["\\data\\", "ngram 1=6", "ngram 2=3", "ngram 3=2"]
    assert lines[-1] == "\\end\\"
    place = lines.index("\\3-grams:")
    assert [line.split(maxsplit=1)[1] for line in lines[place + 1 : place + 3]] == ["a b </s>", "<s> a b"]
    probability = float(next(line for line in lines if line.endswith("<s> a b")).split()[0])
    assert 10**probability == pytest.approx(following(model, START, A)[B], abs=1e-4)
    bigram = next(line for line in lines if " a b " in line).split()
    assert len(bigram) == 4  # with its back-off weight
