"""Reads the English trigram model that comes with PocketSphinx, in its binary "trie" form. Pure.

The layout is that of ``ngram_model_trie.c``, ``lm_trie.c`` and ``lm_trie_quant.c`` in PocketSphinx 5.1: n-grams are
kept by their last word, then the word before it, and so on; fields are packed bit by bit, probabilities and back-off
weights are 16-bit indexes into tables. Values are logarithms to the base 1.0001.
"""

from collections.abc import Mapping
from math import log

import numpy as np
from numpy.typing import NDArray

from pipelines.stt.language_model.ngrams import NEVER, Logs, NgramModel, Numbers

_MAGIC = b"Trie Language Model"
_TABLE_ENTRIES = 1 << 16
_VALUE_BITS = 16
_NATURAL = log(1.0001)
_UNIGRAM_WORDS = 3
"""A unigram is three words of four bytes: logarithm and back-off as floats, the number of its first bigram."""
_PADDING_BYTES = 8


class GeneralModelError(Exception):
    """The file is not a trigram model in the form this reads."""


class GeneralModel:
    """The file's content; ``restricted`` makes a model over the words one needs."""

    def __init__(self, data: bytes) -> None:
        """Raises GeneralModelError."""
        reader = _Reader(data)
        if reader.take(len(_MAGIC)) != _MAGIC or reader.take(1)[0] != 3:
            raise GeneralModelError("not a binary trigram model")
        unigrams, bigrams, trigrams = reader.integers(3).tolist()
        reader.take(4)  # the kind of quantisation; there is one
        bigram_table, backoff_table, trigram_table = (reader.floats(_TABLE_ENTRIES) * _NATURAL for _ in range(3))
        entries = reader.integers((unigrams + 1) * _UNIGRAM_WORDS).reshape(-1, _UNIGRAM_WORDS)
        values = entries[:-1, :2].copy().view("<f4") * _NATURAL
        self._unigram_logs, self._unigram_backoffs = values[:, 0], values[:, 1]
        first_bigram = entries[:, 2].astype(np.int64)
        self._bigrams_of: Numbers = first_bigram[1:] - first_bigram[:-1]
        # Entries beyond the last one that a word points at belong to no word.
        bigrams_used = int(first_bigram[-1])
        word_bits, next_bits = unigrams.bit_length(), trigrams.bit_length()
        fields = reader.fields(bigrams + 1, (word_bits, _VALUE_BITS, _VALUE_BITS, next_bits), bigrams_used)
        self._second_last, backoff, value, first_trigram = fields
        self._bigram_backoffs, self._bigram_logs = backoff_table[backoff], bigram_table[value]
        self._trigrams_of: Numbers = np.append(first_trigram[1:], trigrams) - first_trigram
        self._third_last, value = reader.fields(trigrams + 1, (word_bits, _VALUE_BITS), trigrams)
        self._trigram_logs = trigram_table[value]
        reader.take(4)  # the length of the word list in bytes
        self.words = [word.decode() for word in reader.rest().split(b"\0")[:unigrams]]

    def most_frequent(self, count: int) -> list[str]:
        """Words by falling probability."""
        order = np.argsort(-self._unigram_logs, kind="stable")
        return [self.words[number] for number in order[:count]]

    def restricted(self, numbers: Mapping[str, int]) -> NgramModel:
        """The model over these words under these numbers (0 to n-1); the others' probability is not handed out.

        Its distributions sum to less than one: it is meant to be blended.
        """
        size = len(numbers)
        number_of = np.array([numbers.get(word, -1) for word in self.words], np.int64)
        known = number_of >= 0
        unigram_logs, unigram_backoffs = np.full(size, NEVER), np.zeros(size)
        unigram_logs[number_of[known]] = self._unigram_logs[known]
        unigram_backoffs[number_of[known]] = self._unigram_backoffs[known]

        last = np.repeat(number_of, self._bigrams_of)
        before = number_of[self._second_last]
        kept = (last >= 0) & (before >= 0)
        bigrams, order = _sorted_keys(before[kept] * size + last[kept])

        parent = np.repeat(np.arange(len(last)), self._trigrams_of)
        first = number_of[self._third_last]
        kept3 = (first >= 0) & kept[parent]
        trigrams, order3 = _sorted_keys((first[kept3] * size + before[parent[kept3]]) * size + last[parent[kept3]])
        return NgramModel(
            unigram_logs,
            bigrams,
            self._bigram_logs[kept][order],
            trigrams,
            self._trigram_logs[kept3][order3],
            unigram_backoffs=unigram_backoffs,
            bigram_backoffs=self._bigram_backoffs[kept][order],
        )


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, size: int) -> bytes:
        if self._position + size > len(self._data):
            raise GeneralModelError("the file ends too early")
        part = self._data[self._position : self._position + size]
        self._position += size
        return part

    def rest(self) -> bytes:
        return self._data[self._position :]

    def integers(self, count: int) -> NDArray[np.uint32]:
        return np.frombuffer(self.take(4 * count), np.dtype("<u4"))

    def floats(self, count: int) -> Logs:
        return np.frombuffer(self.take(4 * count), np.dtype("<f4")).astype(np.float64)

    def fields(self, entries: int, widths: tuple[int, ...], wanted: int) -> list[Numbers]:
        """The fields of the first ``wanted`` of so many packed entries, lowest bits first."""
        entry_bits = sum(widths)
        packed = self.take((entries * entry_bits + 7) // 8 + _PADDING_BYTES)
        # Eight bytes from any byte on, as one integer: a field is at most 25 bits wide and starts within the first.
        windows = np.ndarray((len(packed) - _PADDING_BYTES,), "<u8", packed, 0, (1,))
        starts = np.arange(wanted, dtype=np.int64) * entry_bits
        fields = []
        for width in widths:
            shifted = windows[starts >> 3] >> (starts & 7).astype(np.uint64)
            fields.append((shifted & np.uint64((1 << width) - 1)).astype(np.int64))
            starts += width
        return fields


def _sorted_keys(keys: Numbers) -> tuple[Numbers, Numbers]:
    order = np.argsort(keys)
    return keys[order], order
