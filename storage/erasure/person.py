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
    """What tells of somebody. ``kind``: a lead, a contact of the CRM, or a call, whose number is its lead's too."""

    kind: str
    id: str
    lead_id: UUID | None
    email: str | None
    phone: str | None


class Person(Struct, frozen=True, kw_only=True):
    """What one person is known by, and the rows that are theirs, by id. ``references``: of entries in the outbox."""

    leads: tuple[UUID, ...] = ()
    contacts: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
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


def joined(person: Person, traces: Iterable[Trace]) -> Person:
    """``person`` with those of ``traces`` that are theirs, and what these are known by.

    An address names a person, and so does a link between a contact and a lead. A number alone does not where an
    address says that it is somebody else: a company's switchboard has many people.
    """
    for trace in traces:
        linked = trace.lead_id in person.leads or trace.id in person.contacts
        by_email = trace.email is not None and trace.email in person.emails
        by_phone = trace.phone is not None and trace.phone in person.phones
        somebody_else = trace.email is not None and bool(person.emails) and not by_email
        if linked or by_email or (by_phone and not somebody_else):
            person = structs.replace(
                person,
                leads=merged(person.leads, [trace.lead_id] if trace.lead_id else []),
                contacts=merged(person.contacts, [trace.id] if trace.kind == "contact" else []),
                emails=merged(person.emails, [trace.email] if trace.email else []),
                phones=merged(person.phones, [trace.phone] if trace.phone else []),
            )
    return person


def check_one(subject: Subject, traces: Sequence[Trace]) -> None:
    """Whether a number names one person. Raises Ambiguous."""
    if subject.phone is None:
        return
    sharing = [trace for trace in traces if trace.phone == subject.phone]
    emails = sorted({trace.email for trace in sharing if trace.email})
    if len(emails) > 1:
        raise Ambiguous(merged((), [trace.lead_id for trace in sharing if trace.lead_id]), emails)


def sharing_number(person: Person, traces: Iterable[Trace]) -> int:
    """How many others have one of the person's numbers; nothing of them is touched."""
    return sum(
        trace.phone in person.phones and trace.lead_id not in person.leads and trace.id not in person.contacts
        for trace in traces
        if trace.phone is not None
    )


def merged(first: Iterable[object], second: Iterable[object]) -> tuple:  # type: ignore[type-arg]
    """Both without doubles, in a fixed order."""
    return tuple(sorted({*first, *second}, key=str))
