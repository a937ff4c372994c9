"""The Silero voice activity network, run for many callers at once.

The file is the one in the ``livekit-plugins-silero`` wheel; it is found without importing the plug-in, which would load
LiveKit's whole agent framework. Inputs as in that plug-in's ``onnx_model.py``: at 8 kHz a window of 256 samples with
the 32 before it in front, and a recurrent state of 2 x 128 numbers a caller. Rows of a batch do not influence each
other. 8 kHz costs half of 16 kHz, and 24 kHz comes down to it by a plain 3:1 decimation.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.vad.port import WINDOW_MS

# The runtime reports its use to its vendor unless told not to before it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

NETWORK_RATE = 8000
WINDOW_SAMPLES = NETWORK_RATE * WINDOW_MS // 1000
CONTEXT_SAMPLES = 32
ROW_SAMPLES = CONTEXT_SAMPLES + WINDOW_SAMPLES
STATE_SIZE = 128

_PLUGIN = "livekit.plugins.silero"


class SileroModel:
    """The loaded network; about 95 µs for one row, 33 µs a row from 16 rows on (2 GHz server core)."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        # Idle worker threads would otherwise burn a core waiting.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        # Hundreds of ambiguous callers make as many batch sizes: no memory pattern kept for each of them.
        options.enable_mem_pattern = False
        self._session = onnxruntime.InferenceSession(str(_model_file()), options, providers=["CPUExecutionProvider"])
        self._sample_rate = np.array(NETWORK_RATE, np.int64)

    def judge(
        self, rows: NDArray[np.float32], states: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Probabilities of voice, shape (batch,), and the states that follow.

        ``rows``: (batch, ROW_SAMPLES), samples between -1 and 1. ``states``: (2, batch, 128), zeros at the start.
        """
        inputs = {"input": rows, "state": states, "sr": self._sample_rate}
        probabilities, next_states = self._session.run(None, inputs)
        return probabilities[:, 0], next_states


def _model_file() -> Path:
    plugin = find_spec(_PLUGIN)
    if plugin is None or not plugin.submodule_search_locations:
        raise FileNotFoundError(f"{_PLUGIN} is not installed")
    return Path(plugin.submodule_search_locations[0]) / "resources" / "silero_vad.onnx"
