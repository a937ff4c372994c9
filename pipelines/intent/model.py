"""The trained weights, and what they say of a text."""

import math
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.intent.features import UNKNOWN, scale, shape_features, word_features, words
from pipelines.intent.labels import LABELS

MAX_CACHED_WORDS: Final = 20_000
"""Words whose feature numbers are kept; past it the memory of words starts afresh."""


class IntentModel:
    """A linear model over the text's features; ``weights`` is features x labels."""

    def __init__(self, names: list[str], weights: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]) -> None:
        self._index = {name: number for number, name in enumerate(names)}
        self._weights = weights
        self._bias = bias
        self._words: dict[str, tuple[str, tuple[int, ...], int]] = {}

    def probabilities(self, text: str) -> list[float]:
        """One probability a label, in the order of ``LABELS``."""
        index = self._index
        shown: list[str] = []
        numbers: list[int] = []
        count = 0
        for word in words(text):
            token, own, own_count = self._words.get(word) or self._learn(word)
            shown.append(token)
            numbers.extend(own)
            count += own_count
        shape = shape_features(shown)
        numbers.extend([index[name] for name in shape if name in index])
        factor = scale(count + len(shape))
        scores: list[float] = (self._weights[numbers].sum(axis=0) * factor + self._bias).tolist()
        top = max(scores)
        powers = [math.exp(score - top) for score in scores]
        total = sum(powers)
        return [power / total for power in powers]

    def _learn(self, word: str) -> tuple[str, tuple[int, ...], int]:
        """The word as the model sees it, the numbers of its own features, and how many it had."""
        features = word_features(word)
        token = word
        if word not in self._index:
            token = UNKNOWN
            features = (UNKNOWN, *features[1:])
        entry = (token, tuple(self._index[name] for name in features if name in self._index), len(features))
        if len(self._words) >= MAX_CACHED_WORDS:
            self._words.clear()
        self._words[word] = entry
        return entry


@cache
def load_model() -> IntentModel:
    """The shipped weights, read once a process."""
    with resources.as_file(resources.files(__package__) / "weights.npz") as path, np.load(path) as data:
        names = data["names"].tobytes().decode().split("\n")
        weights = data["weights"].astype(np.float32) * data["step"]
        bias = data["bias"].astype(np.float32)
    if weights.shape != (len(names), len(LABELS)):
        raise ValueError("weights.npz does not fit the labels; run python -m pipelines.intent.training.train")
    return IntentModel(names, weights, bias)
