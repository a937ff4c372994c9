"""Encodes one recording, named on standard input, and prints what came of it.

A program of its own, with the lowest priority and bounded memory and processor time: encoding an hour takes seconds of
a core, and whoever talks goes before.
"""

import contextlib
import os
import resource
import sys
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from pipelines.call_audio.encode import encode
from pipelines.call_audio.port import CallAudioError, Encoded

MEMORY_BYTES: Final = 2 * 1024**3
FILE_BYTES: Final = 1024**3
NICENESS: Final = 19


class Order(msgspec.Struct):
    """``cpu_s``: the processor's time it may take."""

    spool: str
    target: str
    cpu_s: int


class Refusal(msgspec.Struct):
    code: str
    message: str
    retryable: bool = False


def main(source: BinaryIO, sink: BinaryIO) -> None:
    order = msgspec.json.decode(source.read(), type=Order)
    _bound(order.cpu_s)
    result: Encoded | Refusal
    try:
        result = encode(Path(order.spool), Path(order.target))
    except CallAudioError as error:
        result = Refusal(error.code, str(error), error.retryable)
    except OSError as error:
        result = Refusal("disk_failed", f"The recording cannot be written: {error.strerror}.", retryable=True)
    except MemoryError:
        result = Refusal("recording_too_large", "The recording needs more memory than encoding it may take.")
    sink.write(msgspec.json.encode(result))
    sink.flush()


def _bound(cpu_s: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        os.nice(NICENESS)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # not every system knows every bound
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
