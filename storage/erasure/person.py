"""Who a person is: everything that belongs together is found from one lead, number or address. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct, structs

MOST_ROUNDS: Final = 10
"""Of looking for what belongs to what was found."""


class Subject(Struct, frozen=True, omit_defaults=True):
    """How somebody is named: exactly one is set. ``phone`` is E.164, ``email`` in lower case."""

    lead_id: UUID | None = None
    phone: str | None = None
    email: str | None = None

    def __post_init__(self) -> None:
        if sum(name is not None for name in (self.lead_id, self.phone, self.email)) != 1:
            raise ValueError("subject: exactly one of lead_id, phone and email")


class Trace(Struct, frozen=True):
    """What tells of somebody. ``kind``: a lead, a contact of the CRM, or a call, whose number is its lead's too.
    ``further_emails`` and ``further_phones`` are those beside the first."""

    kind: str
    id: str
    lead_id: UUID | None
    email: str | None
    phone: str | None
    name: str | None = None
    further_emails: tuple[str, ...] = ()
    further_phones: tuple[str, ...] = ()

    @property
    def emails(self) -> frozenset[str]:
        return frozenset([*([self.email] if self.email else []), *self.further_emails])

    @property
    def phones(self) -> frozenset[str]:
        return frozenset([*([self.phone] if self.phone else []), *self.further_phones])


class Person(Struct, frozen=True, kw_only=True):
    """What one person is known by, and the rows that are theirs, by id. ``further_emails``: addresses beside the first,
    which others may have too. ``references``: of entries in the outbox."""

    leads: tuple[UUID, ...] = ()
    contacts: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    further_emails: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()
    executions: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    bookings: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    cache_keys: tuple[str, ...] = ()

    def together(self, other: "Person") -> "Person":
        """With all that ``other`` has."""
        return Person(**{name: merged(getattr(self, name), getattr(other, name)) for name in Person.__struct_fields__})


class Ambiguous(Exception):  # noqa: N818 - names the fact
    """A number that several people share names none of them."""

    def __init__(self, leads: Sequence[UUID], emails: Sequence[str]) -> None:
        super().__init__("several people share this number")
        self.leads = tuple(leads)
        self.emails = tuple(emails)


def begun(subject: Subject) -> Person:
    """Before anything is looked up."""
    return Person(
        leads=(subject.lead_id,) if subject.lead_id else (),
        phones=(subject.phone,) if subject.phone else (),
        emails=(subject.email,) if subject.email else (),
    )


def joined(person: Person, traces: Sequence[Trace]) -> Person:
    """``person`` with those of ``traces`` that are theirs, and what these are known by.

    A first address names a person, and so does a link between a contact and a lead. One that is a further address of
    either does where the names do not speak against it: an office's address has many people. A number alone does not
    where an address says that it is somebody else: so has a company's switchboard.
    """
    surely = [trace for trace in traces if _is_linked(person, trace) or trace.email in person.emails]
    names = {_folded(trace.name) for trace in surely if trace.name}
    crossing = [trace for trace in traces if trace not in surely and _crosses(person, trace)]
    if not surely and len({_folded(trace.name) for trace in crossing if trace.name}) > 1:
        crossing = []
    for trace in traces:
        by_email = trace in surely or (
            trace in crossing and (not names or not trace.name or _folded(trace.name) in names)
        )
        by_phone = not trace.phones.isdisjoint(person.phones)
        somebody_else = trace.email is not None and bool(person.emails) and not by_email
        if by_email or (by_phone and not somebody_else):
            person = structs.replace(
                person,
                leads=merged(person.leads, [trace.lead_id] if trace.lead_id else []),
                contacts=merged(person.contacts, [trace.id] if trace.kind == "contact" else []),
                emails=merged(person.emails, [trace.email] if trace.email else []),
                further_emails=merged(person.further_emails, trace.further_emails),
                phones=merged(person.phones, trace.phones),
            )
    return person


def check_one(subject: Subject, traces: Sequence[Trace]) -> None:
    """Whether a number, or an address that is nobody's first, names one person. Raises Ambiguous."""
    if subject.phone is not None:
        sharing = [trace for trace in traces if subject.phone in trace.phones]
    elif subject.email is not None and all(trace.email != subject.email for trace in traces):
        sharing = [trace for trace in traces if subject.email in trace.further_emails]
    else:
        return
    further = {each for trace in sharing for each in trace.further_emails}
    firsts = sorted({trace.email for trace in sharing if trace.email})
    names = {_folded(trace.name) for trace in sharing if trace.name}
    if len(firsts) > 1 and (len({*firsts} - further) > 1 or len(names) > 1):
        raise Ambiguous(merged((), [trace.lead_id for trace in sharing if trace.lead_id]), firsts)


def of_theirs_alone(person: Person, traces: Iterable[Trace]) -> Person:
    """``person`` with the further addresses that nobody else has among those that name them."""
    others = {each for trace in traces if not _is_linked(person, trace) for each in trace.emails}
    return structs.replace(person, emails=merged(person.emails, {*person.further_emails} - others))


def sharing_number(person: Person, traces: Iterable[Trace]) -> int:
    """How many others have one of the person's numbers; nothing of them is touched."""
    return sum(
        not trace.phones.isdisjoint(person.phones)
        and trace.lead_id not in person.leads
        and trace.id not in person.contacts
        for trace in traces
    )


def _is_linked(person: Person, trace: Trace) -> bool:
    return trace.lead_id in person.leads or trace.id in person.contacts


def _crosses(person: Person, trace: Trace) -> bool:
    return trace.email in person.further_emails or any(each in person.emails for each in trace.further_emails)


def _folded(name: str | None) -> str:
    return " ".join((name or "").split()).casefold()


def merged(first: Iterable[object], second: Iterable[object]) -> tuple:  # type: ignore[type-arg]
    """Both without doubles, in a fixed order."""
    return tuple(sorted({*first, *second}, key=str))
