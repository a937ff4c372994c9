"""One life of a helper process: started, talked to, stopped."""

import asyncio
import contextlib
import logging
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from pipelines.engines.errors import EngineError
from pipelines.engines.framing import FrameReader, FramingError, frame

log = logging.getLogger(__name__)

_READ_BYTES = 65536
_INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""All that a helper sees of our environment: no key and no password is among it."""


class HelperRules(Struct, frozen=True):
    """Deadlines and bounds. A helper that says nothing for ``silence_s``, not even a sign of life, is killed; one that
    closed its output has ``stop_s`` to say how it ended.

    Past ``max_unsent_bytes`` that the helper has not read, more requests are refused as ``engine_overloaded``.
    """

    ready_s: float = 10.0
    heartbeat_s: float = 3.0
    silence_s: float = 10.0
    stop_s: float = 2.0
    max_unsent_bytes: int = 4 * 1024 * 1024


class Helper:
    """A running process. ``spawn`` it, ``carry`` until it ends, ``stop`` it in any case."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, rules: HelperRules) -> None:
        self.pid = process.pid
        self._name = name
        self._process = process
        self._rules = rules
        self._heartbeat: asyncio.TimerHandle | None = None
        self._last_words: deque[str] = deque(maxlen=3)
        self._listening = asyncio.create_task(self._log_errors(), name=f"log of {name}")

    @classmethod
    async def spawn(cls, module: str, arguments: Sequence[str], rules: HelperRules) -> "Helper":
        """Start ``module`` as a program. Raises OSError."""
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        # Whatever way this process finds its packages, the helper finds them too.
        environment["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", module, *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,  # the terminal's Ctrl-C is for the parent, which drains its calls first
        )
        return cls(module.rpartition(".")[2], process, rules)

    async def carry(self, on_ready: Callable[[], None], on_payload: Callable[[bytes], None]) -> str:
        """Hand over what the helper says until it ends or must be given up; return how it ended."""
        assert self._process.stdout is not None
        loop = asyncio.get_running_loop()
        ready = False
        frames = FrameReader()
        try:
            async with asyncio.timeout(self._rules.ready_s) as deadline:
                while data := await self._process.stdout.read(_READ_BYTES):
                    for payload in frames.feed(data):
                        if payload:
                            on_payload(payload)
                        elif not ready:
                            ready = True
                            self._beat()
                            on_ready()
                    if ready:
                        deadline.reschedule(loop.time() + self._rules.silence_s)
        except TimeoutError:
            return "said nothing for too long" if ready else "was not ready in time"
        except FramingError as error:
            return f"broke the protocol ({error})"
        return await self._ending()

    def write(self, payload: bytes) -> None:
        """Queue a frame. Raises EngineError ``engine_overloaded``."""
        pipe = self._process.stdin
        assert pipe is not None
        unsent = pipe.transport.get_write_buffer_size()
        if unsent > self._rules.max_unsent_bytes:
            raise EngineError("engine_overloaded", f"{self._name} has {unsent} bytes to read still", retryable=True)
        pipe.write(frame(payload))

    async def stop(self) -> None:
        """End the process, which has nothing to save, and wait for it. Safe on a dead one."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._listening
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _beat(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(frame(b""))
        self._heartbeat = asyncio.get_running_loop().call_later(self._rules.heartbeat_s, self._beat)

    async def _ending(self) -> str:
        """What is known about a process that closed its output: exit code and last words."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._rules.stop_s):
                code = await self._process.wait()
                return " / ".join([f"ended with code {code}", *self._last_words])
        return "closed its output"

    async def _log_errors(self) -> None:
        """Helpers print types and places, never what a caller said: see ``child.run_engine``."""
        assert self._process.stderr is not None
        with contextlib.suppress(ValueError):  # a line beyond the reader's limit; nothing after it is wanted
            async for line in self._process.stderr:
                text = line.decode(errors="replace").rstrip()[:300]
                self._last_words.append(text)
                log.debug("%s: %s", self._name, text)
