"""From a spool file to the recording: two voices mixed beside each other a second at a time, and encoded as MP3."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import av
import numpy as np
from numpy.typing import NDArray

from pipelines.call_audio.layout import SAMPLES_PER_MS, Layout, Slice, lay_out
from pipelines.call_audio.port import RATE, CallAudioError, Encoded
from pipelines.call_audio.spool import read_head, read_places

BITS_PER_S: Final = 64_000
"""Of both voices: speech at 24 kHz is transparent with it. An hour has 29 MB."""

MOST_PEAKS: Final = 1500
LEAST_PEAK_MS: Final = 40

Samples = NDArray[np.int16]


def encode(spool: Path, target: Path) -> Encoded:
    """Writes the recording to ``target``. Raises CallAudioError, OSError."""
    with spool.open("rb") as file:
        head = read_head(file)
        layout = lay_out(read_places(file))
        if layout is None:
            raise CallAudioError("no_sound", "Nothing was said.")
        peaks = _write(file, layout, target)
    return Encoded(head=head, outline=layout.outline(peaks[0], peaks[1]), bytes=target.stat().st_size)


def _write(file: BinaryIO, layout: Layout, target: Path) -> list[list[int]]:
    """Returns the peaks of both voices."""
    per_peak = max(LEAST_PEAK_MS * SAMPLES_PER_MS, -(-layout.samples // MOST_PEAKS))
    block = per_peak * max(1, RATE // per_peak)
    voices = [_Voice(file, layout.caller), _Voice(file, layout.agent)]
    peaks: list[list[int]] = [[], []]
    with av.open(str(target), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE, options={"joint_stereo": "0"})
        stream.layout = "stereo"
        stream.bit_rate = BITS_PER_S
        for start in range(0, layout.samples, block):
            count = min(block, layout.samples - start)
            both = np.stack([voice.read(start, count) for voice in voices])
            for of_voice, samples in zip(peaks, both, strict=True):
                of_voice.extend(_peaks(samples, per_peak))
            frame = av.AudioFrame.from_ndarray(both, format="s16p", layout="stereo")
            frame.sample_rate = RATE
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return peaks


def _peaks(samples: Samples, per_peak: int) -> list[int]:
    loud = np.abs(samples.astype(np.int32))
    return [int(peak) for peak in np.maximum.reduceat(loud, np.arange(0, len(loud), per_peak)) * 255 // 32768]


class _Voice:
    """Reads one voice's slices of the file, in order."""

    def __init__(self, file: BinaryIO, slices: Sequence[Slice]) -> None:
        self._file = file
        self._rest: Iterator[Slice] = iter(slices)
        self._slice = next(self._rest, None)

    def read(self, start: int, count: int) -> Samples:
        """The next ``count`` samples of the recording, from ``start`` on; silence where nobody speaks."""
        found: Samples = np.zeros(count, np.int16)
        while self._slice is not None and self._slice.start < start + count:
            piece = self._slice
            skip = max(0, start - piece.start)
            at = max(0, piece.start - start)
            taken = min(piece.samples - skip, count - at)
            if taken > 0:
                self._file.seek(piece.at + 2 * skip)
                found[at : at + taken] = np.frombuffer(self._file.read(2 * taken), np.int16)
            if skip + taken < piece.samples:
                break  # it goes on in the next block
            self._slice = next(self._rest, None)
        return found
