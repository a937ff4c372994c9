"""Outbound calls of this process, made from the settings, and what runs beside them."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from agent_server.background.kept_going import Work
from agent_server.capacity.admission import Admission
from agent_server.settings import Settings
from agent_server.telephony.outbound.carrier import Carrier
from agent_server.telephony.outbound.carriers import carriers_of
from agent_server.telephony.outbound.dialler import Dialler
from agent_server.telephony.outbound.hours import read_calling_hours
from agent_server.telephony.outbound.kept_lines import KeptLines
from agent_server.telephony.outbound.permission import CallingRules
from agent_server.telephony.outbound.reconciling import Reconciling
from storage.calls.consents import CallConsents
from storage.calls.do_not_call import DoNotCall
from storage.calls.outbound import OutboundCalls
from storage.erasure.digests import ErasedPeople
from storage.postgres.database import Database


class OutboundCalling(Struct, frozen=True, kw_only=True):
    """``suppressed`` and ``consents`` are kept without a carrier too."""

    rules: CallingRules
    suppressed: DoNotCall
    consents: CallConsents
    dialler: Dialler
    admission: Admission
    utc_now: Callable[[], datetime]

    @property
    def records(self) -> OutboundCalls:
        return self.dialler.records

    @property
    def carrier(self) -> Carrier | None:
        return self.dialler.carrier

    def work(self) -> dict[str, Work]:
        """By name, what is to run as long as the process lives."""
        if self.carrier is None:
            return {}
        return {
            "calls of which nothing is heard": Reconciling(self.records, self.dialler.carrier_of, self.utc_now).run,
            "lines kept for calls": KeptLines(self.records, self.admission, self.utc_now).run,
        }


def outbound_calling(
    settings: Settings,
    database: Database,
    admission: Admission,
    utc_now: Callable[[], datetime],
    erased: ErasedPeople,
) -> OutboundCalling:
    telephony = settings.telephony
    opens, closes = read_calling_hours(telephony.calling_hours)
    rules = CallingRules(
        opens=opens,
        closes=closes,
        consents=frozenset(telephony.call_consent),
        attempts_a_day=telephony.call_attempts_per_day,
    )
    dialler = Dialler(
        database,
        carriers_of(telephony),
        rules,
        admission,
        utc_now,
        digests=erased.digests,
        pace_s=1 / telephony.calls_per_second,
        longest_s=settings.process.session_max_minutes * 60,
    )
    return OutboundCalling(
        rules=rules,
        suppressed=DoNotCall(database, erased),
        consents=CallConsents(database),
        dialler=dialler,
        admission=admission,
        utc_now=utc_now,
    )
