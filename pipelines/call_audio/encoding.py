"""Has a recording encoded by a process of its own, within a deadline."""

import asyncio
import contextlib
import logging
import math
import os
import signal
import sys
from pathlib import Path
from typing import Final

import msgspec

from pipelines.call_audio.port import BYTES_PER_MS, CallAudioError, Encoded

log = logging.getLogger(__name__)

LEAST_CPU_S: Final = 60.0
SPEED: Final = 4.0
"""How much faster than the call encoding it is at least; on an idle core it is some hundred times."""

PATIENCE: Final = 4.0
"""So many times that long it may wait for a processor, and the disk; then it is tried again later."""

_MODULE: Final = "pipelines.call_audio.encoder_process"
_STOPPED: Final = (-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
"""As whoever stops a service stops all its processes."""

_INHERITED: Final = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
"""No key and no password is among it."""


class _Refusal(msgspec.Struct):
    code: str
    message: str
    retryable: bool


async def encoded(spool: Path, target: Path, spool_bytes: int) -> Encoded:
    """Raises CallAudioError; cancelled, the process ends with it."""
    cpu_s = LEAST_CPU_S + spool_bytes / BYTES_PER_MS / 1000 / SPEED
    environment = {key: os.environ[key] for key in _INHERITED if key in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", _MODULE),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise CallAudioError("encoder_failed", "No process can be started to encode it.", retryable=True) from error
    try:
        async with asyncio.timeout(PATIENCE * cpu_s):
            order = msgspec.json.encode({"spool": str(spool), "target": str(target), "cpu_s": math.ceil(cpu_s)})
            answer, _ = await process.communicate(order)
    except TimeoutError:
        raise CallAudioError("encoder_too_slow", "Encoding took too long.", retryable=True) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return _decoded(answer, process.returncode)


def _decoded(answer: bytes, code: int | None) -> Encoded:
    with contextlib.suppress(msgspec.DecodeError):
        return msgspec.json.decode(answer, type=Encoded)
    try:
        refusal = msgspec.json.decode(answer, type=_Refusal)
    except msgspec.DecodeError:
        log.warning("the encoder of a recording ended with code %s", code)
        raise CallAudioError("encoder_failed", "The encoder broke.", retryable=code in _STOPPED) from None
    raise CallAudioError(refusal.code, refusal.message, retryable=refusal.retryable)
