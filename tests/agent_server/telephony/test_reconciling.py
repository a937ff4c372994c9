"""What becomes of calls of which nothing was heard, by what their carrier says when it is asked."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from msgspec import structs

from agent_server.call_lists.deciding import NO_ATTEMPT
from agent_server.telephony.outbound.carrier import Carrier, CarrierError
from agent_server.telephony.outbound.progress import News
from agent_server.telephony.outbound.reconciling import GIVEN_UP, Reconciling
from storage.calls.outbound import CallStatus, OutboundCall, OutboundCalls

DIALLED = datetime(2026, 6, 10, 16, tzinfo=UTC)
NUMBER = "+14155550132"


def call(call_id: str = "call_1", status: CallStatus = "dialling", **about: Any) -> OutboundCall:
    facts = {"number": NUMBER, "conversation_id": "conv_1", "dialled_at": DIALLED, "carrier": "acme", **about}
    return OutboundCall(id=call_id, status=status, created_at=DIALLED, updated_at=DIALLED, **facts)


class Kept:
    """The records."""

    def __init__(self, *calls: OutboundCall) -> None:
        self.calls = {each.id: each for each in calls}

    async def stale(self, before: datetime, *, in_call_before: datetime, limit: int) -> Sequence[OutboundCall]:
        return [each for each in self.calls.values() if each.is_open]

    async def change(self, call_id: str, change: Callable[[OutboundCall], OutboundCall]) -> OutboundCall:
        self.calls[call_id] = change(self.calls[call_id])
        return self.calls[call_id]


class Acme:
    """A carrier with a list of the calls to a number that it made, and when."""

    def __init__(self, *made: tuple[datetime, News], lists_ended: bool = True) -> None:
        self.lists_ended = lists_ended
        self.hung_up: list[str] = []
        self._made = made

    async def news_of(self, carrier_call_id: str) -> News | None:
        if carrier_call_id == "away":
            raise CarrierError("carrier_unreachable", "The carrier did not answer.")
        return next((news for _, news in self._made if news.carrier_call_id == carrier_call_id), None)

    async def dialled(self, number: str, since: datetime, until: datetime, *, call_id: str) -> Sequence[News]:
        return [news for at, news in self._made if number == NUMBER and since <= at <= until]

    async def hang_up(self, carrier_call_id: str) -> None:
        self.hung_up.append(carrier_call_id)


async def looked_at(kept: Kept, carrier: Acme | None, *, after: timedelta = timedelta(minutes=2)) -> OutboundCall:
    """The first call, as it is then."""
    await Reconciling(
        cast(OutboundCalls, kept), lambda _: cast(Carrier, carrier) if carrier else None, lambda: DIALLED + after
    ).look()
    return next(iter(kept.calls.values()))


async def test_a_call_whose_process_died_before_it_was_dialled_was_none() -> None:
    over = await looked_at(Kept(call(status="queued", dialled_at=None, carrier=None)), None)
    assert (over.status, over.code) == ("failed", "not_dialled")
    assert over.code in NO_ATTEMPT, "a call list dials them after all"


async def test_a_call_of_a_carrier_that_is_there_no_more_may_have_rung() -> None:
    over = await looked_at(Kept(call(carrier_call_id="CA1")), None)
    assert (over.status, over.code) == ("failed", "carrier_not_configured")
    assert over.message == "Nobody can be asked: acme is not configured."
    assert over.code not in NO_ATTEMPT


async def test_a_call_the_carrier_did_not_answer_for_is_sought_for_as_long_as_it_may_show() -> None:
    kept = Kept(call())
    assert (await looked_at(kept, Acme())).status == "unknown"
    assert (await looked_at(kept, Acme(), after=GIVEN_UP)).status == "unknown"
    over = await looked_at(kept, Acme(), after=GIVEN_UP + timedelta(seconds=1))
    assert (over.status, over.code) == ("failed", "not_dialled")
    assert over.code in NO_ATTEMPT
    rang = await looked_at(Kept(call()), Acme(lists_ended=False), after=GIVEN_UP + timedelta(seconds=1))
    assert (rang.status, rang.code) == ("failed", "not_known_to_carrier"), "perhaps, and is over"
    assert rang.code not in NO_ATTEMPT


async def test_a_call_is_known_by_its_number_and_its_time() -> None:
    news = News(carrier_call_id="CA1", status="ringing")
    for seconds, status in ((-6, "unknown"), (-5, "ringing"), (60, "ringing"), (61, "unknown")):
        found = await looked_at(Kept(call()), Acme((DIALLED + timedelta(seconds=seconds), news)))
        assert found.status == status, seconds


async def test_a_call_that_was_canceled_meanwhile_is_hung_up_once_it_is_found() -> None:
    for status, hung_up in (("ringing", ["CA1"]), ("busy", [])):
        carrier = Acme((DIALLED, News(carrier_call_id="CA1", status=cast(CallStatus, status))))
        found = await looked_at(Kept(call(cancel_requested=True)), carrier)
        assert (found.status, carrier.hung_up) == (status, hung_up)
        asked = Acme((DIALLED, News(carrier_call_id="CA1", status="ringing")))
        assert (await looked_at(Kept(call(carrier_call_id="CA1")), asked)).status == "ringing"
        assert asked.hung_up == [], "nobody wished it"


async def test_a_call_of_which_the_carrier_does_not_tell_holds_up_no_other() -> None:
    kept = Kept(call("call_1", carrier_call_id="away"), call("call_2", carrier_call_id="CA2"))
    await looked_at(kept, Acme())
    assert [(each.status, each.code) for each in kept.calls.values()] == [
        ("dialling", None),
        ("failed", "not_known_to_carrier"),
    ]


async def test_what_is_heard_of_a_call_while_its_carrier_is_asked_stands() -> None:
    kept = Kept(call(carrier_call_id="CA1"))

    class Slow(Acme):
        async def news_of(self, carrier_call_id: str) -> News | None:
            heard = structs.replace(kept.calls["call_1"], status="ringing", updated_at=DIALLED + timedelta(minutes=2))
            kept.calls["call_1"] = heard
            return None

        async def dialled(self, number: str, since: datetime, until: datetime, *, call_id: str) -> Sequence[News]:
            kept.calls["call_1"] = structs.replace(kept.calls["call_1"], carrier_call_id="CA1")
            return []

    assert (await looked_at(kept, Slow())).status == "ringing"
    kept.calls["call_1"] = call()
    assert (await looked_at(kept, Slow())).status == "dialling", "whoever asked for it has its answer after all"
