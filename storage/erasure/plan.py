"""What becomes of a person's data, before anything is done. Pure."""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from storage.erasure.digests import CrmChoice
from storage.erasure.eraser import Counts
from storage.erasure.places import all_places

Fate = Literal["erased", "kept"]

_NOTES: Final = {
    **{place.kind: f"what stays: {place.stays}" for place in all_places() if place.stays},
    "do_not_call": "on the do-not-call list, as a keyed hash alone",
    "bookings": "meetings to come are cancelled first; past ones in a calendar of your own are yours to delete",
}
_CRM: Final[dict[CrmChoice, str]] = {
    "delete": "the record at the CRM is deleted too, with the calls, notes and messages that were entered there",
    "keep": "the record at the CRM stays, and the sync looks away from it",
}


class PlanLine(Struct, frozen=True):
    """``note``: what stays of it, and why; null: nothing."""

    kind: str
    count: int
    fate: Fate
    note: str | None


class Plan(Struct, frozen=True, kw_only=True):
    """``waits_for``: what has to end first, by kind. ``sharing_number``: other people who have one of this person's
    numbers, of whom nothing is touched."""

    lines: list[PlanLine]
    waits_for: dict[str, int]
    sharing_number: int

    @property
    def total(self) -> int:
        """How much there is to erase."""
        return sum(line.count for line in self.lines)


def planned(counts: Counts, crm: CrmChoice, under_way: Mapping[str, int], sharing: int) -> Plan:
    """``counts`` is what the erasers found."""
    return Plan(
        lines=[_line(kind, count, crm) for kind, count in counts.items() if count],
        waits_for={kind: count for kind, count in under_way.items() if count},
        sharing_number=sharing,
    )


def _line(kind: str, count: int, crm: CrmChoice) -> PlanLine:
    fate: Fate = "kept" if kind == "do_not_call" else "erased"
    return PlanLine(kind, count, fate, _CRM[crm] if kind == "contacts" else _NOTES.get(kind))
