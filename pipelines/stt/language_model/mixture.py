"""Blends two trigram models over the same words. Pure.

P(w | h) = l(h) P_domain(w | h) + (1 - l(h)) P_general(w | h), where l(h) is how likely the history h itself is of the
domain, by Bayes' rule: after "we have about" the domain speaks, after "had then leisure" the general model.
"""

import numpy as np
from msgspec import Struct

from pipelines.stt.language_model.ngrams import NEVER, Logs, NgramModel, Numbers

_TINY = 1e-30


class MixtureRules(Struct, frozen=True):
    """``domain_share``: how much of what is heard is of the domain.

    ``least_gain``: an n-gram of the general model is kept only if leaving it out costs more than this many nats a word
    (Seymore and Rosenfeld, 1996); the domain's own n-grams are all kept.
    """

    domain_share: float = 0.85
    least_gain: float = 1e-6


def mix(domain: NgramModel, general: NgramModel, start: int, end: int, rules: MixtureRules) -> NgramModel:
    """The blend. ``start`` and ``end`` are the numbers of the sentence marks."""
    size = domain.size
    share = rules.domain_share
    domain_words, general_words = np.exp(domain.unigram_logs), np.exp(general.unigram_logs)
    unigram = share * domain_words + (1 - share) * general_words
    unigram[start] = 0.0
    # As a history the start of a sentence is as likely as its end.
    domain_words[start], general_words[start] = domain_words[end], general_words[end]

    bigrams, trigrams = _kept(general, general_words, rules.least_gain)
    trigrams = np.union1d(domain.trigram_keys, trigrams)
    # A model needs the two bigrams of each of its trigrams: one as its history, one to back off to.
    parts = np.union1d(trigrams // size, trigrams % size**2)
    bigrams = np.union1d(np.union1d(domain.bigram_keys, bigrams), parts)

    first, second = np.divmod(bigrams, size)
    weight = _domain_weight(share * domain_words[first], (1 - share) * general_words[first])
    bigram_logs = _blend(weight, domain.bigram(first, second), general.bigram(first, second))

    history, third = np.divmod(trigrams, size)
    first, second = np.divmod(history, size)
    weight = _domain_weight(
        share * domain_words[first] * np.exp(domain.bigram(first, second)),
        (1 - share) * general_words[first] * np.exp(general.bigram(first, second)),
    )
    trigram_logs = _blend(weight, domain.trigram(first, second, third), general.trigram(first, second, third))
    unigram_logs = np.log(unigram, out=np.full(size, NEVER), where=unigram > 0)
    return NgramModel(unigram_logs, bigrams, bigram_logs, trigrams, trigram_logs)


def _kept(model: NgramModel, words: Logs, least_gain: float) -> tuple[Numbers, Numbers]:
    """The bigrams and trigrams whose own probability is worth its place."""
    size = model.size
    first, second = np.divmod(model.bigram_keys, size)
    backed_off = model.unigram_backoffs[first] + model.unigram_logs[second]
    gain = words[first] * np.exp(model.bigram_logs) * (model.bigram_logs - backed_off)
    bigrams = model.bigram_keys[gain > least_gain]

    history, third = np.divmod(model.trigram_keys, size)
    first, second = np.divmod(history, size)
    backed_off = model.backoff(history) + model.bigram(second, third)
    seen = words[first] * np.exp(model.bigram(first, second))
    gain = seen * np.exp(model.trigram_logs) * (model.trigram_logs - backed_off)
    return bigrams, model.trigram_keys[gain > least_gain]


def _domain_weight(domain: Logs, general: Logs) -> Logs:
    weight: Logs = domain / np.maximum(domain + general, _TINY)
    return weight


def _blend(weight: Logs, domain_logs: Logs, general_logs: Logs) -> Logs:
    blended = weight * np.exp(domain_logs) + (1 - weight) * np.exp(general_logs)
    logs: Logs = np.log(np.maximum(blended, _TINY))
    return logs
