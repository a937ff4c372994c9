"""Finds the process that holds a conversation, and asks it what a person beside the conversation wants.

In this process that is a call. Others are told by a notification of the database that all of them share, and the one
that holds the conversation answers the same way: what was not answered in time was held by nobody.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import msgspec
from msgspec import Struct

from agent_server.supervising.commands import AnyCommand, Outcome, Say, TakeOver
from agent_server.supervising.desk import Desk
from agent_server.supervising.feed import Feed
from agent_server.supervising.tap import Tap
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.rim.runner import ConversationRunner
from storage.conversations.operator_acts import OperatorAct
from storage.errors import StorageError
from storage.postgres.database import Database
from storage.postgres.listening import hearing, line_of_its_own, listeners, notify
from storage.shared.event_buffer import EventBuffer

log = logging.getLogger(__name__)

CHANNEL = "supervision"
ANSWER_S = 1.5
"""The process that holds it answers within milliseconds; one that is as late as this stands still."""

BEGIN_S = 5.0
MOST_ANSWERS = 64
"""Being sent at once; more questions than that are not answered."""

STOP_S = 2.0


class Asked(Struct, frozen=True, tag=True):
    """One process wants to know; ``number`` is its own."""

    process: str
    number: int
    conversation_id: str
    command: AnyCommand


class Answered(Struct, frozen=True, tag=True):
    process: str
    number: int
    outcome: Outcome


class Sought(Struct, frozen=True, tag=True):
    """Whether anybody holds it is to be said by everybody."""

    process: str
    number: int
    conversation_id: str


class Said(Struct, frozen=True, tag=True):
    """One of them says it."""

    process: str
    number: int
    holds: bool


class RollCall(Struct, eq=False):
    """``left``: how many have not said yet whether they hold it."""

    left: int
    is_held: "asyncio.Future[bool]"

    def hear(self, *, holds: bool) -> None:
        self.left -= 1
        if not self.is_held.done() and (holds or self.left <= 0):
            self.is_held.set_result(holds)


class Waiting(Struct, eq=False):
    """What was asked, and nobody has answered yet."""

    conversation_id: str
    command: AnyCommand
    answer: "asyncio.Future[Outcome | None]"


_DECODER = msgspec.json.Decoder(Asked | Answered | Sought | Said)


class Switchboard:
    """One per process; ``keep`` is its task. ``lapsed`` is told the conversation and the name of a person who had taken
    over and was not heard of any more."""

    def __init__(
        self, database: Database, events: EventBuffer, sound: EventBuffer, lapsed: Callable[[str, str], None]
    ) -> None:
        self._database = database
        self._events = events
        self._sound = sound
        self._lapsed = lapsed
        self._process = secrets.token_hex(8)
        self._desks: dict[str, Desk] = {}
        self._kept: dict[str, tuple[str, str, float]] = {}
        """Of conversations that change hands in this process: lease, name and end of who has taken over."""
        self._hears = asyncio.Event()
        """What other processes ask and answer."""
        self._asked = 0
        self._waiting: dict[int, Waiting] = {}
        self._roll_calls: dict[int, RollCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._answering: set[asyncio.Task[None]] = set()
        """Of those, the answers on their way; the others write for who follows."""

    @contextmanager
    def holding(self, conversation_id: str, channel: str, core: ConversationCore) -> Iterator[Desk]:
        """While in the block the conversation is live here. Whoever has taken it over has it again when it is continued
        here in time."""
        feed = Feed(conversation_id, core, self._events, self._own)
        tap = Tap(conversation_id, core, self._sound, self._own)
        desk = self._desks[conversation_id] = Desk(
            channel, core, feed, tap, lambda name: self._lapsed(conversation_id, name)
        )
        try:
            yield desk
        finally:
            if self._desks.get(conversation_id) is desk:
                del self._desks[conversation_id]
            if desk.status != "closed" and (holder := desk.holder) is not None:
                lease, name, left_s = holder
                self._kept[conversation_id] = lease, name, asyncio.get_running_loop().time() + left_s
            desk.close()

    def open(
        self, conversation_id: str, desk: Desk, runner: ConversationRunner, unsaid: Iterable[OperatorAct] = ()
    ) -> None:
        """It takes facts from now on. ``unsaid``: what people wanted said over its line before."""
        desk.open(runner)
        for act in unsaid:
            desk.do(Say(act.text or "", act_id=act.id))
        now_s = asyncio.get_running_loop().time()
        lease, name, until_s = self._kept.pop(conversation_id, ("", "", 0.0))
        self._kept = {id_: one for id_, one in self._kept.items() if one[2] > now_s}
        if until_s > now_s:
            desk.do(TakeOver(lease, name))
        for waiting in self._waiting.values():
            if waiting.conversation_id == conversation_id and not waiting.answer.done():
                waiting.answer.set_result(desk.do(waiting.command))

    def ask_here(self, conversation_id: str, command: AnyCommand) -> Outcome | None:
        """None: this process does not hold it, or it was just over."""
        desk = self._desks.get(conversation_id)
        return desk.do(command) if desk is not None else None

    async def ask_elsewhere(self, conversation_id: str, command: AnyCommand) -> Outcome | None:
        """None: nobody holds it, here or in another process, or begins to in time. Who could not hear the answer does
        not ask: it would be done, and taken for not done. Raises StorageError."""
        self._asked += 1
        number = self._asked
        waiting = self._waiting[number] = Waiting(conversation_id, command, asyncio.get_running_loop().create_future())
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._hears.wait()
            await self._tell(Asked(self._process, number, conversation_id, command))
            async with asyncio.timeout(ANSWER_S):
                return await waiting.answer
        except TimeoutError:
            return None
        finally:
            del self._waiting[number]

    async def is_held(self, conversation_id: str) -> bool:
        """Whether any process holds it, by what each says that says so in time. Raises StorageError."""
        if conversation_id in self._desks:
            return True
        others = await listeners(self._database, CHANNEL) - self._hears.is_set()
        if others <= 0:
            return False
        self._asked += 1
        number = self._asked
        call = self._roll_calls[number] = RollCall(others, asyncio.get_running_loop().create_future())
        try:
            await self._tell(Sought(self._process, number, conversation_id))
            async with asyncio.timeout(ANSWER_S):
                return await call.is_held
        except TimeoutError:
            return False
        finally:
            del self._roll_calls[number]

    async def keep(self) -> None:
        """Hear what other processes ask and answer, until cancelled."""
        await hearing(
            line_of_its_own(self._database, CHANNEL),
            CHANNEL,
            heard=self._hear,
            began=self._hears.set,
            lost=self._hears.clear,
            failing="conversations of this process cannot be supervised from others",
        )

    async def began(self) -> None:
        """Returns once this process is heard by others, or the database keeps it waiting for that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BEGIN_S):
                await self._hears.wait()

    async def aclose(self) -> None:
        """What is being told may be told to its end."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_S)
        for task in self._tasks:
            task.cancel()

    def _hear(self, payload: str) -> None:
        try:
            message = _DECODER.decode(payload)
        except msgspec.DecodeError:
            return  # of a process of another release
        match message:
            case Answered(self._process, number, outcome):
                waiting = self._waiting.get(number)
                if waiting is not None and not waiting.answer.done():
                    waiting.answer.set_result(outcome)
            case Said(self._process, number, holds) if (call := self._roll_calls.get(number)) is not None:
                call.hear(holds=holds)
            case Sought(process, number, conversation_id) if process != self._process:
                self._answer(Said(process, number, conversation_id in self._desks))
            case Asked(process, number, conversation_id, command) if process != self._process:
                desk = self._desks.get(conversation_id)
                if desk is None or len(self._answering) >= MOST_ANSWERS:
                    return
                if (answered := desk.do(command)) is not None:
                    self._answer(Answered(process, number, answered))

    def _answer(self, answer: Answered | Said) -> None:
        if len(self._answering) < MOST_ANSWERS:
            task = asyncio.create_task(self._send(answer), name="answer of a conversation")
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
            self._own(task)

    async def _send(self, answer: Answered | Said) -> None:
        try:
            await self._tell(answer)
        except StorageError as error:
            log.warning("a process that asked is not answered: %s", error.code)

    async def _tell(self, message: Asked | Answered | Sought | Said) -> None:
        await notify(self._database, CHANNEL, msgspec.json.encode(message).decode())

    def _own(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
