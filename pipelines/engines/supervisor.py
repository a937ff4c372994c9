"""Keeps a helper process alive and carries messages to and from it.

Many requests share the pipe. Each has a receiver with a number, and every message carries that number as ``id``. When
the helper dies all receivers are told, and a new helper is started after a while that ``restarts`` decides.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from itertools import count
from typing import Generic, Protocol, TypeVar

import msgspec

from pipelines.engines.errors import EngineError
from pipelines.engines.helper import Helper, HelperRules
from pipelines.engines.restarts import RestartRules, Restarts

log = logging.getLogger(__name__)


class Numbered(Protocol):
    """A message from the helper; ``id`` is the number of its receiver."""

    @property
    def id(self) -> int: ...


Message = TypeVar("Message", bound=Numbered)
Message_contra = TypeVar("Message_contra", contravariant=True)


class Receiver(Protocol[Message_contra]):
    """Whoever waits for answers. Both methods are called on the event loop and must neither block nor raise."""

    def receive(self, message: Message_contra, /) -> None: ...

    def lost(self, error: EngineError, /) -> None:
        """The helper died: nothing more comes. The receiver is unsubscribed already."""


def _nobody_waits() -> None: ...


class Supervisor(Generic[Message]):
    """One helper process, started anew whenever it dies. Belongs to one event loop.

    ``received_type`` is the union of messages the helper sends; what is sent to it is any msgspec Struct.
    """

    def __init__(
        self,
        module: str,
        received_type: object,
        *,
        arguments: Sequence[str] = (),
        on_ready: Callable[[], None] = _nobody_waits,
        rules: HelperRules | None = None,
        restart_rules: RestartRules | None = None,
    ) -> None:
        """``on_ready`` is called whenever a helper gets ready, the first one and each that is started again."""
        self._module = module
        self._report_ready = on_ready
        self._arguments = tuple(arguments)
        self._rules = rules or HelperRules()
        self._restarts = Restarts(restart_rules or RestartRules())
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(received_type)
        self._numbers = count(1)
        self._receivers: dict[int, Receiver[Message]] = {}
        self._helper: Helper | None = None
        self._ready = asyncio.Event()
        self._ready_at_s: float | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def healthy(self) -> bool:
        """True while the helper is there and ready."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The helper's process id, for operators and tests."""
        return self._helper.pid if self._helper else None

    async def start(self) -> None:
        """Start the helper and wait until it is ready. Raises EngineError ``engine_start_failed``."""
        first_end: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._supervise(first_end), name=f"supervise {self._module}")
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait((ready, first_end), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self.aclose()
            raise
        finally:
            ready.cancel()
        if not self._ready.is_set():
            await self.aclose()
            raise EngineError("engine_start_failed", f"{self._module} {first_end.result()}", retryable=False)

    async def wait_ready(self, timeout_s: float) -> None:
        """Wait for a helper that is being started again. Raises EngineError ``engine_unavailable``."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._ready.wait()
        except TimeoutError:
            raise self._unavailable() from None

    def subscribe(self, receiver: Receiver[Message]) -> int:
        """Give a receiver its number. It stays subscribed until ``unsubscribe`` or the helper's death."""
        number = next(self._numbers)
        self._receivers[number] = receiver
        return number

    def unsubscribe(self, number: int) -> None:
        """Messages to this number are dropped from now on."""
        self._receivers.pop(number, None)

    def send(self, message: msgspec.Struct) -> None:
        """Queue a message for the helper. Raises EngineError ``engine_unavailable`` or ``engine_overloaded``."""
        if self._helper is None or not self._ready.is_set():
            raise self._unavailable()
        self._helper.write(self._encoder.encode(message))

    async def aclose(self) -> None:
        """Stop the helper; receivers that are left are told. Closing twice is fine."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _supervise(self, first_end: asyncio.Future[str]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                end = await self._live()
            except OSError as error:
                end = f"could not be started ({error.strerror})"
            except msgspec.MsgspecError:
                end = "sent a message that is none"
            if not first_end.done():
                first_end.set_result(end)
            lived_s = loop.time() - self._ready_at_s if self._ready_at_s is not None else 0.0
            delay_s = self._restarts.delay_s(lived_s)
            log.warning("%s %s; starting it again in %.1f s", self._module, end, delay_s)
            await asyncio.sleep(delay_s)

    async def _live(self) -> str:
        self._ready_at_s = None
        helper = self._helper = await Helper.spawn(self._module, self._arguments, self._rules)
        try:
            return await helper.carry(self._on_ready, self._on_payload)
        finally:
            self._ready.clear()
            self._helper = None
            self._tell_lost()
            await helper.stop()

    def _on_ready(self) -> None:
        self._ready_at_s = asyncio.get_running_loop().time()
        self._ready.set()
        self._report_ready()

    def _on_payload(self, payload: bytes) -> None:
        message = self._decoder.decode(payload)
        receiver = self._receivers.get(message.id)
        if receiver is None:
            return
        try:
            receiver.receive(message)
        except Exception:  # one receiver's fault must not cost the others their helper
            log.exception("a receiver of %s failed", self._module)

    def _tell_lost(self) -> None:
        receivers, self._receivers = self._receivers, {}
        for receiver in receivers.values():
            receiver.lost(EngineError("engine_lost", f"{self._module} died", retryable=True))

    def _unavailable(self) -> EngineError:
        return EngineError("engine_unavailable", f"{self._module} is not running", retryable=True)
