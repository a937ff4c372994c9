"""Finds out what became of calls of which nothing is heard: their process died, or a callback was lost."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from msgspec import structs

from agent_server.background.regularly import regularly
from agent_server.telephony.outbound.carrier import Carrier, CarrierError
from agent_server.telephony.outbound.progress import News, after_news, end_of, ended
from storage.calls.outbound import OutboundCall, OutboundCalls

log = logging.getLogger(__name__)

EVERY_S: Final = 15.0
QUIET: Final = timedelta(seconds=60)
"""Longer than a request to the carrier takes, and than a call waits for its turn."""

IN_CALL_QUIET: Final = timedelta(minutes=5)
"""Nothing is told of a call while it is talked."""

GIVEN_UP: Final = timedelta(minutes=10)
"""A carrier lists a call within seconds of having made it."""

_AROUND: Final = timedelta(seconds=5)
_MOST: Final = 50


class Reconciling:
    """``run`` as long as the process lives; any number of processes may."""

    def __init__(
        self,
        records: OutboundCalls,
        carrier_of: Callable[[OutboundCall], Carrier | None],
        utc_now: Callable[[], datetime],
    ) -> None:
        self._records = records
        self._carrier_of = carrier_of
        self._utc_now = utc_now

    async def run(self) -> None:
        await regularly(EVERY_S, self.look, what="calls of which nothing is heard are not looked after now")

    async def look(self) -> None:
        """Once, at all of them."""
        now = self._utc_now()
        for call in await self._records.stale(now - QUIET, in_call_before=now - IN_CALL_QUIET, limit=_MOST):
            try:
                await self._look_at(call)
            except CarrierError as error:
                log.warning("the carrier does not tell what became of a call: %s", error.code)

    async def _look_at(self, call: OutboundCall) -> None:
        now, carrier = self._utc_now(), self._carrier_of(call)
        if call.status == "queued":
            await self._end(call, "not_dialled", "The server stopped before it was dialled.")
        elif carrier is None:
            await self._end(call, "carrier_not_configured", f"Nobody can be asked: {call.carrier} is not configured.")
        elif call.carrier_call_id is None:
            await self._seek(call, carrier, now)
        else:
            news = await carrier.news_of(call.carrier_call_id)
            if news is None:
                await self._end(call, "not_known_to_carrier", "The carrier knows no such call.")
            else:
                await self._tell(call, carrier, news)

    async def _seek(self, call: OutboundCall, carrier: Carrier, now: datetime) -> None:
        """Nobody is called twice at once: a call to this number in this time is this one."""
        assert call.dialled_at is not None, "it was dialled"
        since, until = call.dialled_at - _AROUND, call.dialled_at + QUIET
        found = await carrier.dialled(call.number, since, until, call_id=call.id)
        if found:
            await self._tell(call, carrier, found[0])
        elif call.dialled_at < now - GIVEN_UP and not carrier.lists_ended:
            await self._end(call, "not_known_to_carrier", "The carrier was asked and did not answer; it may have rung.")
        elif call.dialled_at < now - GIVEN_UP:
            await self._end(call, "not_dialled", "The carrier was asked, did not answer, and made no call.")
        else:
            await self._records.change(call.id, lambda now_there: _unknown(now_there, now))

    async def _tell(self, call: OutboundCall, carrier: Carrier, news: News) -> None:
        now = self._utc_now()
        changed = await self._records.change(call.id, lambda now_there: after_news(now_there, news, now))
        if changed is not None and changed.is_open and changed.cancel_requested:
            await carrier.hang_up(news.carrier_call_id)

    async def _end(self, call: OutboundCall, code: str, message: str) -> None:
        """Unless it has changed since it was looked at."""
        now = self._utc_now()

        def give_up(now_there: OutboundCall) -> OutboundCall:
            same = now_there.updated_at == call.updated_at and now_there.is_open
            if not same:
                return now_there
            return ended(now_there, end_of(now_there, "failed"), now, code=code, message=message)

        await self._records.change(call.id, give_up)


def _unknown(call: OutboundCall, now: datetime) -> OutboundCall:
    is_asked = call.status == "dialling" and call.carrier_call_id is None
    return structs.replace(call, status="unknown", updated_at=now) if is_asked else call
