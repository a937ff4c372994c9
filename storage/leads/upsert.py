"""Many leads at once: new ones are made, known ones changed, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from storage import phone_number
from storage.errors import InvalidData, StorageError
from storage.leads.further import all_of, with_more
from storage.leads.leads import filled_lead, insert_leads, read_lead, settle_numbers, update_leads, with_spelled
from storage.leads.records import LeadRecord
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "leads.sql")
_TRIES = 5

Existing = Literal["update", "fill", "skip"]
"""What becomes of a lead that is known: its fields are set, only what it lacks is, or it is left alone."""

Fate = Literal["created", "updated", "unchanged", "skipped"]


class LeadDraft(Struct, frozen=True):
    """A lead to make or to change. ``fields`` are spelled as they are kept (``lead_records.spelled``) and none is None.
    It is known by its e-mail address; without one, by ``id``, which is made of what names it. Of its further addresses
    those are left out that another lead has. A number of it that the lead takes tells from then on who calls, whoever
    said it first."""

    id: UUID | None
    fields: Mapping[str, Any]


class _Raced(Exception):  # noqa: N818 - names the fact
    """Somebody else made one of these leads meanwhile."""


async def upsert_leads(
    database: Database,
    drafts: Sequence[LeadDraft],
    existing: Existing,
    *,
    now: datetime,
    source: str | None = None,
    dry_run: bool = False,
) -> list[Fate]:
    """What became of each, in order; all or none of them are written. ``source`` is that of new leads that name none.
    ``dry_run``: nothing is written, whatever is said.

    Raises StorageError.
    """
    for _ in range(_TRIES):
        try:
            async with database.transaction() as transaction:
                return await _upsert(transaction, drafts, existing, now=now, source=source, dry_run=dry_run)
        except _Raced:
            continue
        except InvalidData as error:
            if error.code != "already_exists":
                raise
    raise StorageError("database_conflict", "Another transaction was in the way.", retryable=True)


async def _upsert(
    transaction: Transaction,
    drafts: Sequence[LeadDraft],
    existing: Existing,
    *,
    now: datetime,
    source: str | None,
    dry_run: bool,
) -> list[Fate]:
    held = await _lock(transaction, drafts)
    owners = await _owners(transaction, drafts)
    made: dict[UUID, LeadRecord] = {}
    changed: dict[UUID, LeadRecord] = {}
    told: set[tuple[UUID, str]] = set()
    fates: list[Fate] = []
    for draft in drafts:
        fields = dict(draft.fields)
        id_ = draft.id or owners.setdefault(fields["contact_email"], uuid4())
        before = made.get(id_) or changed.get(id_) or held.get(id_)
        if before is not None and existing == "skip":
            fates.append("skipped")
            continue
        # An address names one lead: the first that has it.
        emails = [each for each in fields.pop("further_emails", ()) if owners.setdefault(each, id_) == id_]
        phones = [*fields.pop("further_phones", ())]
        given = {fields.get("contact_phone"), *phones}
        if before is None:
            own = {"id": id_, "source": source, "created_at": now, "updated_at": now}
            made[id_] = with_more(LeadRecord(**{**own, **fields}), emails=emails, phones=phones)
            fates.append("created")
            continue
        if fields.get("contact_email") in before.further_emails:
            del fields["contact_email"]
        if (phone := fields.get("contact_phone")) is not None and before.contact_phone is not None:
            # One of the two is the first, and no number is lost.
            other = before.contact_phone if existing == "update" else phone
            phones += [other] if phone_number.normalised(other) else []
        after = _merged(before, fields, existing, now=now)
        if (wider := with_more(after, emails=emails, phones=phones)) != after:
            after = msgspec.structs.replace(wider, updated_at=now)
        told |= {(id_, phone) for phone in given & all_of(after, "contact_phone")}
        if after is before:
            fates.append("unchanged")
            continue
        (made if id_ in made else changed)[id_] = after
        fates.append("updated")
    if not dry_run:
        await _write(transaction, [*made.values()], [*changed.values()])
        await settle_numbers(transaction, told)
    return fates


def _merged(lead: LeadRecord, fields: Mapping[str, Any], existing: Existing, *, now: datetime) -> LeadRecord:
    if existing == "update":
        return with_spelled(lead, fields, now=now)
    filled = filled_lead(lead, fields, now=now)
    lacking = {key: value for key, value in fields.get("custom", {}).items() if key not in lead.custom}
    if not lacking:
        return filled
    return msgspec.structs.replace(filled, custom={**lead.custom, **lacking}, updated_at=now)


async def _lock(transaction: Transaction, drafts: Iterable[LeadDraft]) -> dict[UUID, LeadRecord]:
    emails = sorted({draft.fields["contact_email"] for draft in drafts if draft.id is None})
    ids = sorted({draft.id for draft in drafts if draft.id is not None})
    rows = await transaction.fetch_all(_SQL["leads_lock_matching"], emails=emails, ids=ids)
    return {row["id"]: read_lead(row) for row in rows}


async def _owners(transaction: Transaction, drafts: Iterable[LeadDraft]) -> dict[str, UUID]:
    """Whose the addresses are that leads have already."""
    firsts = {draft.fields.get("contact_email") for draft in drafts} - {None}
    emails = firsts.union(*(draft.fields.get("further_emails", ()) for draft in drafts))
    rows = await transaction.fetch_all(_SQL["emails_taken"], emails=sorted(emails))
    return {row["email"]: row["lead_id"] for row in rows}


async def _write(transaction: Transaction, made: list[LeadRecord], changed: list[LeadRecord]) -> None:
    if made and len(await insert_leads(transaction, made)) < len(made):
        raise _Raced
    if changed:
        await update_leads(transaction, changed)
