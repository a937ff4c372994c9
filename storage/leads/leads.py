"""Leads in the database: made, found, listed, changed, and many at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from asyncpg import Record

from storage.errors import InvalidCursor, InvalidData
from storage.leads.answers import WrittenAnswers, with_written
from storage.leads.further import in_order, with_more, without_number
from storage.leads.records import FACTS, FURTHER, AnswerNote, LeadFilter, LeadRecord, LeadSort, spelled
from storage.leads.search import LeadSearch
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "leads.sql")
CHANGED = "lead_changed"
"""Where the database tells of a lead that somebody changed."""

_NEAR_ROWS = 2_000
"""A page of what more than about one in forty has is found among so many."""

_FEW_LEADS = 500
"""Leads with the whole words of a search: so many are looked at one by one. The beginning that comes last may be one
that all leads have ("example"), and an index would gather all of them first."""

_EVERYWHERE = {"before": None, "before_id": None}
"""From the beginning of a list."""

_SCORE_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
"""A cursor of the list by score keeps the score where others keep the time."""


class Leads:
    """The repository of leads. Fields given are spelled as they are kept (``lead_records.spelled``). Every method
    raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, fields: Mapping[str, Any], *, now: datetime) -> LeadRecord:
        """Raises InvalidData ``already_exists`` when another lead has the e-mail address."""
        lead = new_lead(fields, now=now)
        async with self._database.transaction() as transaction:
            if not await insert_leads(transaction, [lead]):
                raise InvalidData("already_exists", "There is a lead with this e-mail address already.")
        return lead

    async def get(self, lead_id: UUID) -> LeadRecord | None:
        row = await self._database.fetch_one(_SQL["lead_get"], id=lead_id)
        return read_lead(row) if row else None

    async def of_ids(self, lead_ids: Sequence[UUID]) -> dict[UUID, LeadRecord]:
        """Those there are."""
        rows = await self._database.fetch_all(_SQL["leads_of_ids"], ids=lead_ids)
        return {row["id"]: read_lead(row) for row in rows}

    async def patch(
        self, lead_id: UUID, changes: Mapping[str, Any], *, answers: WrittenAnswers | None = None, now: datetime
    ) -> LeadRecord | None:
        """Set these fields; ``custom`` is merged key by key, null taking a key out. None: there is no such lead. Who
        listens on ``CHANGED`` is told its id. A number that is set tells from then on who calls, whoever said it first.
        A first address or number that is emptied is followed by one of the further ones.

        Raises InvalidData ``already_exists`` when another lead has the e-mail address, and what ``with_written`` raises
        of ``answers``.
        """
        async with self._database.transaction() as transaction:
            lead = await lock_lead(transaction, lead_id)
            if lead is None:
                return None
            changed = with_changes(lead, changes, now=now)
            if answers is not None:
                changed = with_written(changed, answers, now=now)
            if changed != lead:
                await update_leads(transaction, [changed])
                await transaction.execute(_SQL["lead_changed"], channel=CHANGED, id=str(lead_id))
            given = {"contact_phone": (changed.contact_phone,), "further_phones": changed.further_phones}
            set_ones = {phone for name, phones in given.items() if changes.get(name) for phone in phones if phone}
            await settle_numbers(transaction, {(lead_id, phone) for phone in set_ones})
        return changed

    async def claimed_numbers(self, lead_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
        """Numbers that callers said are these leads', and nobody here has accepted; of those that have any."""
        found: dict[UUID, tuple[str, ...]] = {}
        for row in await self._database.fetch_all(_SQL["numbers_claimed"], lead_ids=lead_ids):
            found[row["lead_id"]] = (*found.get(row["lead_id"], ()), row["phone"])
        return found

    async def settle_number(self, lead_id: UUID, phone: str, *, accepted: bool, now: datetime) -> LeadRecord | None:
        """A claimed number is the lead's from now on, or is thrown away. None: nobody claimed it for this lead."""
        async with self._database.transaction() as transaction:
            lead = await lock_lead(transaction, lead_id)
            if lead is None or not await settle_numbers(transaction, {(lead_id, phone)}):
                return None
            changed = with_more(lead, phones=[phone]) if accepted else without_number(lead, phone)
            if changed != lead:
                changed = msgspec.structs.replace(changed, updated_at=now)
                await update_leads(transaction, [changed])
            await transaction.execute(_SQL["lead_changed"], channel=CHANGED, id=str(lead_id))
        return changed

    async def fill(self, lead_id: UUID, facts: Mapping[str, Any], *, now: datetime) -> LeadRecord | None:
        """Set what is not known yet, and nothing else. None: there is no such lead."""
        async with self._database.transaction() as transaction:
            lead = await lock_lead(transaction, lead_id)
            if lead is None:
                return None
            filled = filled_lead(lead, facts, now=now)
            email = filled.contact_email
            if email != lead.contact_email and await find_lead(transaction, email=email, phone=None):
                filled = msgspec.structs.replace(filled, contact_email=None)
            if filled != lead:
                await update_leads(transaction, [filled])
        return filled

    async def find(self, *, email: str | None = None, phone: str | None = None) -> LeadRecord | None:
        """By the address, else by the number, the oldest lead that has it."""
        sought = spelled({"contact_email": email, "contact_phone": phone})
        async with self._database.snapshot() as snapshot:
            lead_id = await find_lead(snapshot, email=sought["contact_email"], phone=sought["contact_phone"])
            row = await snapshot.fetch_one(_SQL["lead_get"], id=lead_id) if lead_id else None
        return read_lead(row) if row else None

    async def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        sort: LeadSort = "created_at",
        where: LeadFilter = LeadFilter(),  # noqa: B008 - a value
        search: LeadSearch | None = None,
    ) -> Page[LeadRecord]:
        """Newest first, or best first without leads that have no score.

        Raises InvalidCursor, or StorageError ``invalid_limit``.
        """
        check_limit(limit)
        by_score = sort == "score"
        before, before_id = _place(cursor, by_score=by_score)
        place = {"before": before, "before_id": before_id, "rows": limit + 1}
        sought = {name: getattr(where, name) for name in LeadFilter.__struct_fields__} | place
        if search is not None and search.is_empty:
            return Page(())
        if search is None and where.has_index(sort):
            rows = await self._fetch("leads_list", sort, sought)
        else:
            rows = await self._found(sort, sought | (search or LeadSearch()).parameters(), where)
        return page_of(list(map(read_lead, rows)), limit, key=_score_place if by_score else _time_place)

    async def _found(self, sort: LeadSort, sought: dict[str, Any], where: LeadFilter) -> Sequence[Record]:
        """What many leads have is met early in the list; what few have, an index finds."""
        filtered = sought["words"] is None or any((where.status, where.tier, where.industry))
        sought = sought | {"near": _NEAR_ROWS, "ids": None, "filtered": filtered or None}
        if where.email is None and sought["email_start"] is None and sought["phone"] is None:
            leading = sought | where.leading()
            near = await self._fetch("leads_near", sort, leading)
            if len(near) == sought["rows"] or not await self._fetch("leads_beyond_near", sort, leading):
                return near
        few: Sequence[Record]
        if sought["whole_words"] is not None:
            few = await self._database.fetch_all(
                _SQL["leads_with_words"], whole_words=sought["whole_words"], rows=_FEW_LEADS
            )
            if len(few) < _FEW_LEADS:
                return await self._of_these(few, sort, sought)
        elif sort != "score" and where.has_score_range:
            # In the order of time an index has those of a range among all that have a score; in that of the score it
            # has them side by side.
            few = await self._fetch("leads_found", "score", sought | _EVERYWHERE | {"rows": _FEW_LEADS})
            if len(few) < _FEW_LEADS:
                return await self._of_these(few, sort, sought)
        return await self._fetch("leads_found", sort, sought)

    async def _of_these(self, few: Sequence[Record], sort: LeadSort, sought: dict[str, Any]) -> Sequence[Record]:
        """All that the list can hold are known."""
        named = {"ids": [row["id"] for row in few], "near": _FEW_LEADS}
        return await self._fetch("leads_near", sort, sought | LeadFilter().leading() | named)

    async def _fetch(self, query: str, sort: LeadSort, sought: dict[str, Any]) -> Sequence[Record]:
        return await self._database.fetch_all(_SQL[f"{query}_by_score" if sort == "score" else query], **sought)


def new_lead(fields: Mapping[str, Any], *, now: datetime) -> LeadRecord:
    return in_order(LeadRecord(**{"id": uuid4(), "created_at": now, "updated_at": now, **spelled(fields)}))


def with_changes(lead: LeadRecord, changes: Mapping[str, Any], *, now: datetime) -> LeadRecord:
    """The lead with these fields set; ``custom`` is merged key by key, null taking a key out."""
    return with_spelled(lead, spelled(changes), now=now)


def with_spelled(lead: LeadRecord, changes: Mapping[str, Any], *, now: datetime) -> LeadRecord:
    """The same for fields that are spelled as they are kept already."""
    changed = dict(changes)
    if "custom" in changed:
        merged = {**lead.custom, **(changed["custom"] or {})}
        changed["custom"] = {key: value for key, value in merged.items() if value is not None}
    if all(getattr(lead, name) == value for name, value in changed.items()):
        return lead
    return in_order(msgspec.structs.replace(lead, **changed, updated_at=now))


def filled_lead(lead: LeadRecord, facts: Mapping[str, Any], *, now: datetime) -> LeadRecord:
    """The lead with what it lacks."""
    given = spelled({name: facts[name] for name in FACTS if name in facts})
    missing = {name: value for name, value in given.items() if value is not None and getattr(lead, name) in (None, "")}
    return msgspec.structs.replace(lead, **missing, updated_at=now) if missing else lead


async def lock_lead(transaction: Transaction, lead_id: UUID) -> LeadRecord | None:
    """The lead as it is, unchanged by others until the transaction ends."""
    row = await transaction.fetch_one(_SQL["lead_lock"], id=lead_id)
    return read_lead(row) if row else None


async def find_lead(transaction: Transaction, *, email: str | None, phone: str | None) -> UUID | None:
    """By address or number as they are kept."""
    found: UUID | None = await transaction.fetch_value(_SQL["lead_find"], email=email, phone=phone)
    return found


async def insert_leads(transaction: Transaction, leads: Sequence[LeadRecord]) -> set[UUID]:
    """The ids of those that are new; of the others an address belongs to a lead that was there before."""
    rows = sorted(leads, key=_email_order)
    return {row["id"] for row in await transaction.fetch_all(_SQL["leads_insert"], rows=rows)}


async def update_leads(transaction: Transaction, leads: Sequence[LeadRecord]) -> None:
    """Overwrite leads that are locked."""
    await transaction.execute(_SQL["leads_update"], rows=leads)


async def settle_numbers(transaction: Transaction, numbers: Collection[tuple[UUID, str]]) -> int:
    """Somebody here has said of these, each with the lead, whose they are. How many of them callers had claimed."""
    if not numbers:
        return 0
    lead_ids, phones = zip(*numbers, strict=True)
    return await transaction.execute(_SQL["numbers_settled"], lead_ids=lead_ids, phones=phones)


def _email_order(lead: LeadRecord) -> str:
    return lead.contact_email or ""


def _place(cursor: str | None, *, by_score: bool) -> tuple[datetime | int | None, UUID | None]:
    if cursor is None:
        return None, None
    after = decode_cursor(cursor)
    try:
        id_ = UUID(after.id)
    except ValueError:
        raise InvalidCursor from None
    if not by_score:
        return after.at, id_
    if not 0 <= after.at_us <= 100:
        raise InvalidCursor
    return after.at_us, id_


def _time_place(lead: LeadRecord) -> tuple[datetime, str]:
    return lead.created_at, str(lead.id)


def _score_place(lead: LeadRecord) -> tuple[datetime, str]:
    return _SCORE_ZERO + timedelta(microseconds=lead.qualification_score or 0), str(lead.id)


def read_lead(row: Record) -> LeadRecord:
    lists = {name: tuple(row[name]) for name in FURTHER.values()}
    notes = msgspec.convert(row["answer_notes"], dict[str, AnswerNote])
    return LeadRecord(**{**row, **lists, "answer_notes": notes})
