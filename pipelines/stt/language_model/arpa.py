"""Writes a model in the ARPA format, which PocketSphinx and every other toolkit reads. Pure."""

from collections.abc import Iterator, Sequence
from math import log

import numpy as np

from pipelines.stt.language_model.ngrams import Logs, NgramModel, Numbers

_LN10 = log(10)


def arpa_lines(model: NgramModel, words: Sequence[str]) -> Iterator[str]:
    """The file line by line; ``words`` by their numbers, sentence marks included."""
    yield "\\data\\"
    yield f"ngram 1={model.size}"
    yield f"ngram 2={len(model.bigram_keys)}"
    yield f"ngram 3={len(model.trigram_keys)}"
    unigrams = np.arange(model.size)
    yield from _section(1, unigrams, words, model.unigram_logs, model.unigram_backoffs)
    yield from _section(2, model.bigram_keys, words, model.bigram_logs, model.bigram_backoffs)
    yield from _section(3, model.trigram_keys, words, model.trigram_logs, None)
    yield ""
    yield "\\end\\"


def _section(order: int, keys: Numbers, words: Sequence[str], logs: Logs, backoffs: Logs | None) -> Iterator[str]:
    yield ""
    yield f"\\{order}-grams:"
    texts = _texts(keys, order, words)
    tenths = (logs / _LN10).tolist()
    if backoffs is None:
        yield from (f"{value:.4f} {text}" for value, text in zip(tenths, texts, strict=True))
        return
    weights = (backoffs / _LN10).tolist()
    yield from (f"{value:.4f} {text} {weight:.4f}" for value, text, weight in zip(tenths, texts, weights, strict=True))


def _texts(keys: Numbers, order: int, words: Sequence[str]) -> Iterator[str]:
    digits: list[list[int]] = []
    for _ in range(order):
        keys, digit = np.divmod(keys, len(words))
        digits.insert(0, digit.tolist())
    return (" ".join(words[number] for number in numbers) for numbers in zip(*digits, strict=True))
