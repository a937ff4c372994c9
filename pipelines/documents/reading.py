"""Has a document read by a process of its own, within a deadline."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Final

import msgspec

from pipelines.documents.port import PACKED, TOO_LARGE, TOO_SLOW, UNREADABLE, DocumentError, MediaType, ReadDocument

log = logging.getLogger(__name__)

DEADLINE_S: Final = 90.0
TEXT_DEADLINE_S: Final = 30.0
"""Three times what its process may work: calls go before."""

MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
_READ_BYTES: Final = 256 * 1024
_MODULE: Final = "pipelines.documents.reader_process"
_STOPPED: Final = (-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
"""As whoever stops a service stops all its processes."""

_INHERITED: Final = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
"""No key and no password is among it."""


class _Refusal(msgspec.Struct):
    code: str
    message: str


async def read_document(
    content: bytes, media_type: MediaType, name: str, *, deadline_s: float | None = None
) -> ReadDocument:
    """Raises DocumentError; cancelled, the process ends with it. ``deadline_s`` None: what its kind may take."""
    if deadline_s is None:
        deadline_s = DEADLINE_S if media_type in PACKED else TEXT_DEADLINE_S
    environment = {key: os.environ[key] for key in _INHERITED if key in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
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
        raise DocumentError(
            "document_reader_failed", "No process can be started to read it.", retryable=True
        ) from error
    try:
        async with asyncio.timeout(deadline_s):
            order = msgspec.json.encode({"media_type": media_type, "name": name}) + b"\n"
            answer, _ = await asyncio.gather(_answer(process), _give(process, order + content))
            code = await process.wait()
    except TimeoutError:
        raise TOO_SLOW from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return await asyncio.to_thread(_decoded, answer, code)


async def _give(process: asyncio.subprocess.Process, content: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):  # it read enough, or died: its answer tells
        for at in range(0, len(content), _READ_BYTES):
            process.stdin.write(content[at : at + _READ_BYTES])
            await process.stdin.drain()
        process.stdin.close()


async def _answer(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    answer = bytearray()
    while piece := await process.stdout.read(_READ_BYTES):
        answer += piece
        if len(answer) > MAX_ANSWER_BYTES:
            raise TOO_LARGE
    return bytes(answer)


def _decoded(answer: bytes, code: int) -> ReadDocument:
    try:
        return msgspec.json.decode(answer, type=ReadDocument)
    except msgspec.DecodeError:
        pass
    try:
        refusal = msgspec.json.decode(answer, type=_Refusal)
    except msgspec.DecodeError:
        log.info("the reader of a document ended with code %d", code)
        if code in _STOPPED:
            raise DocumentError("document_reader_failed", "Reading it was broken off.", retryable=True) from None
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            raise TOO_SLOW from None
        raise (TOO_LARGE if code in (-signal.SIGSEGV, -signal.SIGABRT) else UNREADABLE) from None
    raise DocumentError(refusal.code, refusal.message)
