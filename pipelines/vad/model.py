"""The Silero voice activity network at 8 kHz, for many callers at once, as seven products of matrices.

The weights are those of the ONNX file in the ``livekit-plugins-silero`` wheel; it is found without importing the
plug-in, which would load LiveKit's whole agent framework. What the file describes, step by step: a short-time Fourier
transform (128 samples every 64) of the window with the 32 samples before it in front and 32 mirrored behind; four
convolutions in time, three wide, each cut off at zero; a recurrent cell (LSTM) of 128; one number out of that.

onnxruntime runs the same file to the same result (within 1e-5, tests compare them), by way of 57 nodes, many of them
conditions and copies. It takes about twice as long (1.7 times in a server with 50 calls), and 50 MB.

8 kHz costs half of 16 kHz, and 24 kHz comes down to it by a plain 3:1 decimation.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.vad.onnx_file import Weights, read_weights
from pipelines.vad.port import WINDOW_MS

NETWORK_RATE = 8000
WINDOW_SAMPLES = NETWORK_RATE * WINDOW_MS // 1000
CONTEXT_SAMPLES = 32
ROW_SAMPLES = CONTEXT_SAMPLES + WINDOW_SAMPLES
STATE_SIZE = 128

_PLUGIN = "livekit.plugins.silero"
_AT_8_KHZ = "If_0_else_branch__Inline_0__"
"""What the names of the file's 8 kHz half begin with."""

_MIRRORED = 32
_SPECTRUM_SAMPLES = 128
_SPECTRUM_STEP = 64
_SPECTRA = (ROW_SAMPLES + _MIRRORED - _SPECTRUM_SAMPLES) // _SPECTRUM_STEP + 1
_BINS = _SPECTRUM_SAMPLES // 2 + 1

Floats = NDArray[np.float32]


class SileroModel:
    """The loaded network. Raises FileNotFoundError without the wheel, ValueError where the file is of another network.

    About 110 us for one window, 20 us a window from 16 on (2 GHz server core, one BLAS thread).
    """

    def __init__(self, file: Path | None = None) -> None:
        named = _read_once(file or _model_file())
        weights = {name.removeprefix(_AT_8_KHZ): value for name, value in named.items() if name.startswith(_AT_8_KHZ)}
        try:
            self._take_over(weights)
        except (KeyError, ValueError) as error:
            raise ValueError("not the Silero network this is made for") from error

    def _take_over(self, weights: Weights) -> None:
        """Lay the weights out so that every step is a product from the left: (windows x times, in) @ (in, out)."""

        def convolution(layer: int, taps: slice = slice(None)) -> tuple[Floats, Floats]:
            kernel = weights[f"encoder.{layer}.reparam_conv.weight"][:, :, taps]  # (out, in, time)
            matrix = np.ascontiguousarray(kernel.transpose(2, 1, 0).reshape(-1, len(kernel)))
            return matrix, weights[f"encoder.{layer}.reparam_conv.bias"]

        self._fourier = np.ascontiguousarray(
            weights["stft.forward_basis_buffer"].reshape(2 * _BINS, _SPECTRUM_SAMPLES).T
        )
        self._first = convolution(0)
        self._second = convolution(1)
        # From here on taps beside the last one or two times would only meet the zeros of the padding.
        self._third = convolution(2, slice(1, 3))
        self._fourth = convolution(3, slice(1, 2))
        self._lstm = _lstm_weights(weights)
        self._last = weights["decoder.decoder.2.weight"].reshape(STATE_SIZE)
        self._last_bias = weights["decoder.decoder.2.bias"].item()

    def judge(self, rows: Floats, states: Floats) -> tuple[Floats, Floats]:
        """Probabilities of voice, shape (batch,), and the states that follow.

        ``rows``: (batch, ROW_SAMPLES), samples between -1 and 1. ``states``: (2, batch, 128), zeros at the start.
        """
        states = self._lstm_step(self._encoded(_magnitudes(rows, self._fourier)), states)
        return _sigmoid(np.maximum(states[0], 0.0) @ self._last + self._last_bias), states

    def _encoded(self, spectra: Floats) -> Floats:
        """(batch, 128) from (batch, 1 + _SPECTRA + 1, _BINS), whose first and last time are zeros."""
        batch = len(spectra)
        first = _with_zeros_around(_layer(_taps(spectra, _SPECTRA, step=1), self._first).reshape(batch, _SPECTRA, -1))
        second = _layer(_taps(first, _SPECTRA // 2, step=2), self._second)
        third = _layer(second.reshape(batch, -1), self._third)
        return _layer(third, self._fourth)

    def _lstm_step(self, inputs: Floats, states: Floats) -> Floats:
        matrix, bias = self._lstm
        hidden, cell = states
        gates = np.concatenate((inputs, hidden), axis=1) @ matrix
        gates += bias
        np.tanh(gates, out=gates)
        sigmoids = gates[:, : 3 * STATE_SIZE]
        sigmoids += 1.0
        sigmoids *= 0.5
        input_gate, forget_gate = sigmoids[:, :STATE_SIZE], sigmoids[:, STATE_SIZE : 2 * STATE_SIZE]
        output_gate, candidate = sigmoids[:, 2 * STATE_SIZE :], gates[:, 3 * STATE_SIZE :]
        following = np.empty_like(states)
        np.multiply(forget_gate, cell, out=following[1])
        following[1] += input_gate * candidate
        np.tanh(following[1], out=following[0])
        following[0] *= output_gate
        return following


def _lstm_weights(weights: Weights) -> tuple[Floats, Floats]:
    """Matrix and bias for input and hidden state side by side.

    The gates (in the file: input, forget, candidate, output) change places so that those with a sigmoid lie together,
    at half their value: as sigmoid(x) = (tanh(x / 2) + 1) / 2, one tanh does for all four.
    """
    matrix = np.concatenate((weights["decoder.rnn.weight_ih"], weights["decoder.rnn.weight_hh"]), axis=1).T
    bias = weights["decoder.rnn.bias_ih"] + weights["decoder.rnn.bias_hh"]
    order = np.concatenate([np.arange(STATE_SIZE) + STATE_SIZE * gate for gate in (0, 1, 3, 2)])
    halves = np.repeat(np.array([0.5, 0.5, 0.5, 1.0], np.float32), STATE_SIZE)
    return np.ascontiguousarray(matrix[:, order] * halves), bias[order] * halves


def _magnitudes(rows: Floats, fourier: Floats) -> Floats:
    """Of every bin at every time: (batch, 1 + _SPECTRA + 1, _BINS), zeros before and after."""
    batch = len(rows)
    mirrored = np.concatenate((rows, rows[:, -2 : -2 - _MIRRORED : -1]), axis=1)
    strides = (mirrored.strides[0], 4 * _SPECTRUM_STEP, 4)
    pieces = np.ndarray((batch, _SPECTRA, _SPECTRUM_SAMPLES), np.float32, mirrored, 0, strides)
    parts = (pieces.reshape(-1, _SPECTRUM_SAMPLES) @ fourier).reshape(batch, _SPECTRA, 2, _BINS)
    parts *= parts
    return _with_zeros_around(np.sqrt(parts[:, :, 0] + parts[:, :, 1]))


def _with_zeros_around(times: Floats) -> Floats:
    """(batch, times, channels) with a zero time before and after."""
    batch, count, channels = times.shape
    padded = np.zeros((batch, count + 2, channels), np.float32)
    padded[:, 1:-1] = times
    return padded


def _taps(padded: Floats, count: int, *, step: int) -> Floats:
    """For each of ``count`` times, three in a row side by side: (batch x count, 3 x channels)."""
    batch, _, channels = padded.shape
    strides = (padded.strides[0], step * padded.strides[1], 4)
    return np.ndarray((batch, count, 3 * channels), np.float32, padded, 0, strides).reshape(batch * count, -1)


def _layer(inputs: Floats, weights: tuple[Floats, Floats]) -> Floats:
    matrix, bias = weights
    outputs: Floats = inputs @ matrix
    outputs += bias
    np.maximum(outputs, 0.0, out=outputs)
    return outputs


def _sigmoid(values: Floats) -> Floats:
    probabilities: Floats = np.tanh(0.5 * values)
    probabilities += 1.0
    probabilities *= 0.5
    return probabilities


@cache
def _read_once(file: Path) -> Weights:
    """Nobody writes into the weights: they are views of the file's bytes."""
    return read_weights(file)


def _model_file() -> Path:
    plugin = find_spec(_PLUGIN)
    if plugin is None or not plugin.submodule_search_locations:
        raise FileNotFoundError(f"{_PLUGIN} is not installed")
    return Path(plugin.submodule_search_locations[0]) / "resources" / "silero_vad.onnx"
