"""Finds everything that is a person's."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct, structs

from storage import email_address
from storage.erasure.person import (
    MOST_ROUNDS,
    Person,
    Subject,
    Trace,
    begun,
    check_one,
    joined,
    merged,
    of_theirs_alone,
    sharing_number,
)
from storage.errors import StorageError
from storage.postgres.database import Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "erasures.sql")

MOST_TRACES: Final = 1000
"""A number that more people share is no person's."""

CacheKeys = Callable[[Mapping[str, Any]], list[str]]
"""Under what keys answers of enrichment sources may be kept, of what is known of somebody."""


class Found(Struct, frozen=True):
    """``sharing``: how many others have one of the person's numbers."""

    person: Person
    sharing: int = 0


async def find(
    transaction: Transaction, subject: Subject | None, known: Person, cache_keys: CacheKeys = lambda _: []
) -> Found:
    """With what was ``known`` before. Raises Ambiguous, StorageError; ``person_too_wide``: there is no end to it."""
    person = known.together(begun(subject)) if subject is not None else known
    traces: list[Trace] = []
    for _ in range(MOST_ROUNDS):
        traces = await _traces(transaction, person)
        if subject is not None and not known.leads and not known.contacts:
            check_one(subject, traces)
        wider = joined(person, traces)
        if wider == person:
            break
        person = wider
    person = await _with_rows(transaction, of_theirs_alone(person, traces), cache_keys)
    return Found(person, sharing_number(person, traces))


async def _traces(transaction: Transaction, person: Person) -> list[Trace]:
    rows = await transaction.fetch_all(_SQL["erasure_traces"], **_lists(person), rows=MOST_TRACES)
    if len(rows) == MOST_TRACES:
        message = f"More than {MOST_TRACES} records share a number or address with this person: name the lead's own."
        raise StorageError("person_too_wide", message)
    return [
        Trace(**{**row, "further_emails": tuple(row["further_emails"]), "further_phones": tuple(row["further_phones"])})
        for row in rows
    ]


async def _with_rows(transaction: Transaction, person: Person, cache_keys: CacheKeys) -> Person:
    """With the ids of what hangs on who it is."""

    async def column(name: str) -> list[str]:
        return [row[0] for row in await transaction.fetch_all(_SQL[name], **_lists(person))]

    person = structs.replace(person, conversations=merged(person.conversations, await column("erasure_conversations")))
    person = structs.replace(person, bookings=merged(person.bookings, await column("erasure_bookings")))
    person = structs.replace(person, threads=merged(person.threads, await column("erasure_threads")))
    runs = await transaction.fetch_all(_SQL["erasure_executions"], **_lists(person))
    threads = [run["thread_id"] for run in runs if run["thread_id"] is not None]
    faces = [dict(row) for row in await transaction.fetch_all(_SQL["erasure_faces"], **_lists(person))]
    person = structs.replace(
        person,
        executions=merged(person.executions, [run["id"] for run in runs]),
        threads=merged(person.threads, threads),
        urls=merged(person.urls, [face["linkedin_url"] for face in faces if face["linkedin_url"]]),
        cache_keys=merged(person.cache_keys, [key for face in faces for key in cache_keys(face)]),
    )
    outcomes = await column("erasure_outcomes")
    return structs.replace(
        person,
        references=merged(
            person.references,
            [
                *(f"contact:{id_}" for id_ in person.contacts),
                *(f"conversation:{id_}" for id_ in person.conversations),
                *(f"unsubscription:{email_address.hashed(each).hex()}" for each in person.emails),
                *(f"outcome:{key}" for key in outcomes),
                *(f"qualification:{id_}" for id_ in person.executions),
                *(f"cancellation:{id_}" for id_ in person.bookings),
                *await column("erasure_refusals"),
                *await column("erasure_mails"),
            ],
        ),
    )


def _lists(person: Person) -> dict[str, Any]:
    return {name: list(value) for name, value in structs.asdict(person).items()}
