"""Multinomial logistic regression on sparse features, trained with Adam (Kingma and Ba, 2015) in NumPy."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

EPOCHS: Final = 10
BATCH: Final = 256
LEARNING_RATE: Final = 0.03
LAST_RATE: Final = 1e-4
L2: Final = 1e-6
BETA_MEAN: Final = 0.9
BETA_SQUARE: Final = 0.99
EPSILON: Final = 1e-6


@dataclass(frozen=True)
class Samples:
    """Rows of feature numbers, one after another: row ``r`` is ``columns[starts[r]:starts[r + 1]]``, times
    ``scale[r]``."""

    columns: Integers
    starts: Integers
    scale: Floats
    targets: Integers

    def batch(self, rows: Integers) -> tuple[Integers, Integers]:
        """The rows' feature numbers in one array, and how many each row has."""
        pieces = [self.columns[self.starts[row] : self.starts[row + 1]] for row in rows]
        return np.concatenate(pieces), np.array([len(piece) for piece in pieces], dtype=np.int64)


class Adam:
    """Adam's running moments of one parameter array."""

    def __init__(self, parameters: Floats) -> None:
        self.parameters = parameters
        self._mean = np.zeros_like(parameters)
        self._square = np.zeros_like(parameters)
        self._step = 0

    def apply(self, gradient: Floats, rate: float) -> None:
        self._step += 1
        self._mean += (1 - BETA_MEAN) * (gradient - self._mean)
        self._square += (1 - BETA_SQUARE) * (gradient * gradient - self._square)
        mean = self._mean / (1 - BETA_MEAN**self._step)
        square = self._square / (1 - BETA_SQUARE**self._step)
        self.parameters -= rate * mean / (np.sqrt(square) + EPSILON)


def softmax(scores: Floats) -> Floats:
    """Row by row."""
    powers: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def fit(samples: Samples, features: int, emphasis: Floats, seed: int) -> tuple[Floats, Floats]:
    """Weights (features x classes) and bias. Rare classes weigh more, by the root, and each by its ``emphasis``."""
    classes = len(emphasis)
    counts = np.bincount(samples.targets, minlength=classes)
    class_weight = (np.sqrt(counts.mean() / counts) * emphasis).astype(np.float32)
    weights = Adam(np.zeros((features, classes), dtype=np.float32))
    bias = Adam(np.zeros(classes, dtype=np.float32))
    rng = np.random.default_rng(seed)
    count = len(samples.targets)
    steps = EPOCHS * -(-count // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(count)
        for start in range(0, count, BATCH):
            rate = LEARNING_RATE * (1 - step / steps) + LAST_RATE
            columns, by_feature, error = _errors(samples, order[start : start + BATCH], class_weight, weights, bias)
            gradient = L2 * weights.parameters
            gradient[columns] += by_feature
            weights.apply(gradient, rate)
            bias.apply(error, rate)
            step += 1
    return weights.parameters, bias.parameters


def _errors(
    samples: Samples, rows: Integers, class_weight: Floats, weights: Adam, bias: Adam
) -> tuple[Integers, Floats, Floats]:
    """The batch's used features, the loss's gradient by each of them, and by the bias."""
    columns, lengths = samples.batch(rows)
    targets = samples.targets[rows]
    scale = samples.scale[rows, None]
    firsts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    scores = np.add.reduceat(weights.parameters[columns], firsts, axis=0) * scale + bias.parameters
    error = softmax(scores)
    error[np.arange(len(rows)), targets] -= 1
    error *= class_weight[targets, None] / len(rows)
    order = np.argsort(columns, kind="stable")
    used, first_use = np.unique(columns[order], return_index=True)
    by_feature = np.add.reduceat(np.repeat(error * scale, lengths, axis=0)[order], first_use, axis=0)
    return used, by_feature, error.sum(axis=0)
