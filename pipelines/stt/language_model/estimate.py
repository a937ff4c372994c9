"""A trigram model from sentences, by absolute discounting. Pure.

Every count gives up ``discount``; what is given up goes to the words one order down. The lower orders count in how many
different surroundings an n-gram was seen and not how often (Kneser and Ney, 1995): "francisco" is frequent, and still
unlikely after anything but "san".
"""

from collections.abc import Sequence

import numpy as np

from pipelines.stt.language_model.ngrams import NEVER, Logs, NgramModel, Numbers


def estimate(sentences: Sequence[Sequence[int]], size: int, start: int, end: int, discount: float = 0.6) -> NgramModel:
    """``start`` and ``end`` are the numbers of the sentence marks; words that are nowhere get probability ``NEVER``."""
    text = np.array([word for sentence in sentences for word in (start, *sentence, end)], np.int64)
    bigrams, bigram_counts = _count(text[:-1] * size + text[1:], text[:-1] != end)
    inner = (text[:-2] != end) & (text[1:-1] != end)
    trigrams, trigram_counts = _count((text[:-2] * size + text[1:-1]) * size + text[2:], inner)

    unigram = _unigrams(bigrams % size, size, start)
    # A bigram's surroundings are the words before it; at the start of a sentence there are none, its count stands in.
    surroundings = np.bincount(np.searchsorted(bigrams, trigrams % size**2), minlength=len(bigrams)).astype(float)
    lower_counts = np.where(bigrams // size == start, bigram_counts, surroundings)
    bigram = _discounted(bigrams // size, lower_counts, unigram[bigrams % size], size, discount)
    history = np.searchsorted(bigrams, trigrams // size)
    shorter = bigram[np.searchsorted(bigrams, trigrams % size**2)]
    trigram = _discounted(history, trigram_counts, shorter, len(bigrams), discount)
    unigram_logs = np.log(unigram, out=np.full(size, NEVER), where=unigram > 0)
    return NgramModel(unigram_logs, bigrams, np.log(bigram), trigrams, np.log(trigram))


def _count(keys: Numbers, wanted: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[Numbers, Logs]:
    found, counts = np.unique(keys[wanted], return_counts=True)
    return found, counts.astype(float)


def _unigrams(seconds: Numbers, size: int, start: int) -> Logs:
    """By the number of different words before a word; nothing comes before the start."""
    surroundings = np.bincount(seconds, minlength=size).astype(float)
    surroundings[start] = 0.0
    shares: Logs = surroundings / surroundings.sum()
    return shares


def _discounted(history: Numbers, counts: Logs, lower: Logs, histories: int, discount: float) -> Logs:
    """(count - discount) / total, plus the given-up mass of the history times the probability one order down."""
    total = np.bincount(history, counts, histories)[history]
    given_up = np.bincount(history, minlength=histories)[history] * discount / total
    shares: Logs = (counts - discount) / total + given_up * lower
    return shares
