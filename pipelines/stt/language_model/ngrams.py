"""A trigram model with back-off, as arrays. Pure.

Words are numbers below ``size``. An n-gram is one integer, its words' numbers read as digits to the base ``size``, the
oldest word first; the keys are sorted, so that a look-up is a binary search over many n-grams at once. Probabilities
and back-off weights are natural logarithms.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Logs = NDArray[np.float64]

NEVER = -99.0
"""The logarithm that stands for a probability of nothing."""

_SMALLEST_MASS = 1e-4
"""What is left for unseen words at the least, against rounding."""


class NgramModel:
    """P(w | u v) is the trigram's own probability, or back-off(u v) P(w | v), and so on down to P(w)."""

    def __init__(
        self,
        unigram_logs: Logs,
        bigram_keys: Numbers,
        bigram_logs: Logs,
        trigram_keys: Numbers,
        trigram_logs: Logs,
        *,
        unigram_backoffs: Logs | None = None,
        bigram_backoffs: Logs | None = None,
    ) -> None:
        """Without back-off weights they are worked out, so that every distribution sums to one."""
        self.size = len(unigram_logs)
        self.unigram_logs = unigram_logs
        self.bigram_keys = bigram_keys
        self.bigram_logs = bigram_logs
        self.trigram_keys = trigram_keys
        self.trigram_logs = trigram_logs
        self.unigram_backoffs = self._unigram_backoffs() if unigram_backoffs is None else unigram_backoffs
        self.bigram_backoffs = self._bigram_backoffs() if bigram_backoffs is None else bigram_backoffs

    def bigram(self, first: Numbers, second: Numbers) -> Logs:
        """log P(second | first), element by element."""
        backed_off = self.unigram_backoffs[first] + self.unigram_logs[second]
        return _look_up(self.bigram_keys, self.bigram_logs, first * self.size + second, backed_off)

    def trigram(self, first: Numbers, second: Numbers, third: Numbers) -> Logs:
        """log P(third | first second), element by element."""
        history = first * self.size + second
        backed_off = self.backoff(history) + self.bigram(second, third)
        return _look_up(self.trigram_keys, self.trigram_logs, history * self.size + third, backed_off)

    def backoff(self, history: Numbers) -> Logs:
        """The weight after a history of two words: 0 for one never seen."""
        return _look_up(self.bigram_keys, self.bigram_backoffs, history, np.zeros(len(history)))

    def _unigram_backoffs(self) -> Logs:
        first, second = np.divmod(self.bigram_keys, self.size)
        return _backoffs(first, self.bigram_logs, self.unigram_logs[second], self.size)

    def _bigram_backoffs(self) -> Logs:
        history, third = np.divmod(self.trigram_keys, self.size)
        place = np.searchsorted(self.bigram_keys, history)
        lower = self.bigram(history % self.size, third)
        return _backoffs(place, self.trigram_logs, lower, len(self.bigram_keys))


def _backoffs(history: Numbers, own_logs: Logs, lower_logs: Logs, histories: int) -> Logs:
    """The mass that the listed words of each history leave, over the mass they would have one order down."""
    left = 1 - np.bincount(history, np.exp(own_logs), histories)
    lower_left = 1 - np.bincount(history, np.exp(lower_logs), histories)
    weights: Logs = np.log(np.maximum(left, _SMALLEST_MASS) / np.maximum(lower_left, _SMALLEST_MASS))
    return weights


def _look_up(keys: Numbers, values: Logs, wanted: Numbers, otherwise: Logs) -> Logs:
    if not len(keys):
        return otherwise
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], otherwise)
