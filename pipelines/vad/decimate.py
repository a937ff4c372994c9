"""From the conversation's rate to the network's, window by window: the filter of ``audio.resample`` as a product.

Only windows that the network judges are filtered, all of a batch at once: less than 10 us each, where a stream filtered
as it comes costs 45 us every 20 ms, silence included.
"""

import numpy as np
from numpy.typing import NDArray

from pipelines.audio.resample import polyphase_weights
from pipelines.vad.model import NETWORK_RATE, ROW_SAMPLES
from pipelines.vad.port import SAMPLE_RATE

FACTOR = SAMPLE_RATE // NETWORK_RATE
_WEIGHTS = polyphase_weights(FACTOR, 1)[:, 0]
HALF_WIDTH = len(_WEIGHTS) // 2
"""Input samples on either side that an output sample is made of."""

_BLOCK = 32
"""Output samples of one row of the product; divides a row of the network's."""

_STEP = _BLOCK * FACTOR
_BLOCKS = ROW_SAMPLES // _BLOCK
_REACH = _STEP + 2 * HALF_WIDTH
INPUT_SAMPLES = (_BLOCKS - 1) * _STEP + _REACH


def _filter_matrix() -> NDArray[np.float32]:
    """Column j makes the j-th output of a block."""
    matrix = np.zeros((_REACH, _BLOCK), np.float32)
    for column in range(_BLOCK):
        matrix[FACTOR * column : FACTOR * column + len(_WEIGHTS), column] = _WEIGHTS
    return matrix


_MATRIX = _filter_matrix()


def decimated(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows for the network, (windows, ROW_SAMPLES), from (windows, INPUT_SAMPLES): a row's time and ``HALF_WIDTH`` more
    on either side. ``samples`` must be contiguous.
    """
    windows = len(samples)
    strides = (samples.strides[0], 4 * _STEP, 4)
    blocks = np.ndarray((windows, _BLOCKS, _REACH), np.float32, samples, 0, strides)
    rows: NDArray[np.float32] = np.dot(blocks.reshape(-1, _REACH), _MATRIX).reshape(windows, ROW_SAMPLES)
    return rows
