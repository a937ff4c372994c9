"""The helper's end of the pipe: frames in from standard input, frames out to standard output, blocking.

The helper ends by itself when the parent goes: at the end of its input and, on Linux, by a signal from the kernel.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator

from pipelines.engines.framing import HEADER_BYTES, frame, payload_length

_PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""


class ParentPipe:
    """Takes standard input and output for frames; what libraries print there goes to standard error instead."""

    def __init__(self) -> None:
        _end_with_parent()
        self._incoming = os.dup(0)
        self._outgoing = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)

    def alive(self) -> None:
        """Say first that requests are welcome, and later that the work goes on."""
        self.send(b"")

    def payloads(self) -> Iterator[bytes]:
        """What the parent sends, until it closes the pipe.

        An empty payload asks for a sign of life: answer it by ``alive`` from where the work is done, or be replaced.
        """
        while header := self._read(HEADER_BYTES):
            yield self._read(payload_length(header))

    def send(self, payload: bytes) -> None:
        """Write one frame; blocks while the parent does not read. For one thread only."""
        rest = memoryview(frame(payload))
        while rest:
            rest = rest[os.write(self._outgoing, rest) :]

    def _read(self, size: int) -> bytes:
        """Exactly ``size`` bytes, or none at the end of the input."""
        parts = bytearray()
        while len(parts) < size:
            part = os.read(self._incoming, size - len(parts))
            if not part:
                return b""
            parts += part
        return bytes(parts)


def run_engine(work: Callable[[ParentPipe], None]) -> None:
    """Run a helper program until the parent goes. Failures are told by type only: messages may hold callers' words."""
    try:
        work(ParentPipe())
    except BrokenPipeError:
        pass  # the parent is gone
    except Exception as error:  # the supervisor sees the exit code and starts a new helper
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "unknown place"
        sys.stderr.write(f"{type(error).__name__} at {where}\n")
        sys.stderr.flush()
        os._exit(1)
    # Not sys.exit: a thread that still reads, or an engine in the middle of its work, must not keep us alive.
    os._exit(0)


def _end_with_parent() -> None:
    # The terminal's Ctrl-C, and what a service manager sends to every process, is for the parent: its calls go first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform == "linux":
        # For the moments in which an engine computes and does not read; a parent already gone shows as end of input.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
