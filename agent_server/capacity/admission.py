"""Strict admission: above the limit a new conversation is refused, and one that finds the process as busy as it may be
waits a moment first; nobody already talking gets slower."""

import asyncio
from collections import Counter as Counted
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Self

from prometheus_client import Counter, Gauge

from agent_server.web.client_address import is_loopback
from agent_server.web.errors import Problem

CONVERSATIONS_ACTIVE = Gauge(
    "sales_agent_conversations_active", "Conversations open in this server.", multiprocess_mode="livesum"
)
CONVERSATIONS_LIMIT = Gauge(
    "sales_agent_conversations_limit", "Conversations this server takes at most.", multiprocess_mode="livesum"
)
CONVERSATIONS_REFUSED = Counter("sales_agent_conversations_refused", "Conversations refused at the door.", ["code"])
CONVERSATIONS_WAITING = Gauge(
    "sales_agent_conversations_waiting",
    "Who waits at the door for a process that is busy.",
    multiprocess_mode="livesum",
)

BUSY = "server_busy"
RETRY_AFTER_FULL_S = 5.0
RETRY_AFTER_DRAINING_S = 1.0

PATIENCE_S = 4.0
"""So long a newcomer waits for a process that is busy: a telephone rings once more in that time. Those that began just
before have shown by then what they take."""

MOST_WAITING = 50
LOOK_AGAIN_S = 0.1


class Ticket:
    """One admitted conversation; ``with`` gives the place back. Leaving twice does no harm."""

    def __init__(self, leave: Callable[["Ticket"], None], visitor: str | None = None) -> None:
        self._leave = leave
        self.visitor = visitor

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._leave(self)


class Admission:
    """Counts the conversations of one process, and the lines it keeps for calls that ring: they are as good as taken,
    for everybody but who is on the line already.

    Visitors of pages, who need no key, never get all places: a quarter is left to telephones and to who has a key, and
    of the rest one address gets half. Addresses of this machine are a proxy's, and stand for many.

    ``durable`` says whether what is said can be written down at present, ``busy`` whether there is no time for more
    conversations than there are; ``admitted`` is told of each.
    """

    def __init__(
        self,
        limit: int,
        *,
        durable: Callable[[], bool] = lambda: True,
        busy: Callable[[], bool] = lambda: False,
        admitted: Callable[[], None] = lambda: None,
    ) -> None:
        self.limit = limit
        self._visitors_limit = max(1, limit - max(1, limit // 4))
        self._visitors: Counted[str] = Counted()
        """Their conversations, by address."""
        self._durable = durable
        self._busy = busy
        self._admitted = admitted
        self._tickets: set[Ticket] = set()
        self._kept: set[str] = set()
        self._missed: set[str] = set()
        """Of those kept, who was not among the expected ones the last time."""
        self._gone: set[str] = set()
        self._door = asyncio.Lock()
        """Held by who is next; the others wait for it in the order in which they came."""
        self._waiting = 0
        self._draining = False
        self._empty = asyncio.Event()
        self._empty.set()
        self.ending = asyncio.Event()
        """Set when the time to finish is over: a conversation still running ends now, so that its client goes on
        elsewhere."""
        CONVERSATIONS_LIMIT.set(limit)

    @property
    def active(self) -> int:
        return len(self._tickets)

    @property
    def kept(self) -> int:
        """Lines kept for calls that nobody has answered yet."""
        return len(self._kept)

    @property
    def draining(self) -> bool:
        return self._draining

    @property
    def has_room(self) -> bool:
        """Whether one more would be admitted now."""
        return self._objection() is None

    def check(self, *, promised: bool = False, visitor: str | None = None) -> None:
        """``promised``: the caller is on the line, let in here or in another process, or a line was kept for them: that
        the process is busy at this moment is no reason to put them out. ``visitor``: the address of a page's visitor.
        Raises Problem (503) ``server_draining``, ``session_limit_reached``, ``server_busy`` or
        ``storage_unavailable``."""
        problem = self._objection(promised=promised, visitor=visitor)
        if problem is not None:
            CONVERSATIONS_REFUSED.labels(problem.code).inc()
            raise problem

    async def wait_for_room(self, *, visitor: str | None = None) -> None:
        """Who comes while the process is busy waits a moment, in turn, before it is refused. ``admit`` is to follow at
        once. Raises what ``check`` raises."""
        if self._waiting < MOST_WAITING:
            self._waits(1)
            try:
                async with asyncio.timeout(PATIENCE_S), self._door:
                    while self._is_only_busy():  # noqa: ASYNC110 - asked, since nobody tells
                        await asyncio.sleep(LOOK_AGAIN_S)
            except TimeoutError:
                pass
            finally:
                self._waits(-1)
        self.check(visitor=visitor)

    def admit(self, *, promised: bool = False, visitor: str | None = None) -> Ticket:
        """A place for one conversation, to be held in a ``with`` block. Raises what ``check`` raises."""
        self.check(promised=promised, visitor=visitor)
        ticket = Ticket(self._leave, visitor)
        self._tickets.add(ticket)
        if visitor is not None:
            self._visitors[visitor] += 1
        self._admitted()
        self._count()
        return ticket

    def keep(self, call_id: str) -> None:
        """A line for a call that is about to be made, until ``let_go``. Raises what ``check`` raises."""
        self.check()
        self._kept.add(call_id)

    def let_go(self, call_id: str) -> None:
        """The call is talked, or over."""
        self._kept.discard(call_id)
        self._gone.add(call_id)

    def expect(self, call_ids: Collection[str]) -> None:
        """All calls, of whichever process, that need a line should they be answered; this one may have to talk any of
        them. What was kept here and is not among them twice in turn is over."""
        ids = set(call_ids)
        missed = self._kept - ids
        self._gone &= ids
        self._kept = (self._kept & ids) | (ids - self._gone) | (missed - self._missed)
        self._missed = missed

    def drain(self) -> None:
        """From now on nobody is admitted; who is in may finish."""
        self._draining = True

    async def drained(self, timeout_s: float) -> bool:
        """Wait until the last conversation has ended. False: some were running still; ``ending`` is set then."""
        self.drain()
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        finally:
            self.ending.set()
        return True

    def _objection(self, *, promised: bool = False, visitor: str | None = None) -> Problem | None:
        if self._draining:
            message = "The server is about to stop and takes no new conversations."
            return Problem(503, "server_draining", message, retry_after_s=RETRY_AFTER_DRAINING_S)
        if len(self._tickets) + (0 if promised else len(self._kept)) >= self.limit:
            message = f"The server already holds {self.limit} conversations, its limit. Try again shortly."
            return Problem(503, "session_limit_reached", message, retry_after_s=RETRY_AFTER_FULL_S)
        if visitor is not None and not self._has_room_for(visitor):
            message = "All places for visitors of pages are taken. Try again shortly."
            return Problem(503, "session_limit_reached", message, retry_after_s=RETRY_AFTER_FULL_S)
        if self._tickets and not promised and self._busy():  # who is alone makes nobody wait
            message = "The server is as busy as its conversations can bear. Try again shortly."
            return Problem(503, BUSY, message, retry_after_s=RETRY_AFTER_FULL_S)
        if not self._durable():
            message = "What is said cannot be written down at present, so no new conversation is taken."
            return Problem(503, "storage_unavailable", message, retry_after_s=RETRY_AFTER_FULL_S)
        return None

    def _is_only_busy(self) -> bool:
        problem = self._objection()
        return problem is not None and problem.code == BUSY

    def _waits(self, more: int) -> None:
        self._waiting += more
        CONVERSATIONS_WAITING.set(self._waiting)

    def _has_room_for(self, visitor: str) -> bool:
        most_of_address = max(1, self._visitors_limit // 2)
        is_alone_too_many = self._visitors[visitor] >= most_of_address and not is_loopback(visitor)
        return self._visitors.total() < self._visitors_limit and not is_alone_too_many

    def _leave(self, ticket: Ticket) -> None:
        if ticket in self._tickets and ticket.visitor is not None:
            self._visitors -= Counted([ticket.visitor])  # who has none left is forgotten
        self._tickets.discard(ticket)
        self._count()

    def _count(self) -> None:
        CONVERSATIONS_ACTIVE.set(len(self._tickets))
        if self._tickets:
            self._empty.clear()
        else:
            self._empty.set()
