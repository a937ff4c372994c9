"""Whom a new call list leaves out, and why: those whom the law would not let it call anyway, and some it would."""

from collections.abc import Sequence
from datetime import datetime

from agent_server.campaigns.writing import REFUSED
from agent_server.telephony.outbound.permission import CallFacts, CallingRules, Refused, may_call
from storage import phone_number
from storage.calls.list_entries import LeaveReason
from storage.calls.outbound import ConsentOfNumber, OutboundCalls
from storage.erasure.digests import ErasedPeople
from storage.leads.records import LeadRecord


class LeavingOut:
    """Of one list: a number that several people have is called for the first of them alone."""

    def __init__(self, records: OutboundCalls, erased: ErasedPeople, rules: CallingRules, now: datetime) -> None:
        self._records = records
        self._erased = erased
        self._rules = rules
        self._now = now
        self._taken: set[str] = set()

    async def __call__(self, leads: Sequence[LeadRecord]) -> Sequence[LeaveReason | None]:
        """For each a reason; None: they may be called. Raises StorageError."""
        numbers = [phone_number.normalised(lead.contact_phone) for lead in leads]
        known = await self._records.consents_of([number for number in numbers if number is not None])
        gone = await self._erased.among([("phone", number) for number in known])
        reasons: list[LeaveReason | None] = []
        for lead, number in zip(leads, numbers, strict=True):
            erased = gone.get(("phone", number)) if number is not None else None
            reason = why_left_out(
                lead,
                known.get(number or ""),
                self._rules,
                self._now,
                suppressed=erased is not None and erased.do_not_call,
            )
            if reason is None and number is not None:
                reason = "same_number" if number in self._taken else None
                self._taken.add(number)
            reasons.append(reason)
        return reasons


def why_left_out(
    lead: LeadRecord, known: ConsentOfNumber | None, rules: CallingRules, now: datetime, *, suppressed: bool = False
) -> LeaveReason | None:
    """``known`` None: they have no number."""
    if lead.opted_out_at is not None:
        return "opted_out"
    if lead.status == "not_interested":
        return "not_interested"
    if known is None:
        return "no_phone"
    facts = CallFacts(
        suppressed=known.suppressed or suppressed, consent=known.consent, consent_until=known.consent_until
    )
    match may_call(facts, rules, now):
        case Refused("do_not_call" | "no_consent" as code):
            return code
    return "no_consent" if str(lead.custom.get("consent", "")).strip().lower() in REFUSED else None
