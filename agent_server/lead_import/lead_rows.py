"""A record of the table as a lead, or why it is none. Pure."""

import re
from typing import Any, get_args
from uuid import UUID, uuid5

from msgspec import Struct

from agent_server.lead_import.cells import meant, name_in
from agent_server.lead_import.columns import Columns
from agent_server.lead_import.countries import country_of
from agent_server.lead_import.csv_records import CsvRecord
from agent_server.lead_import.ways import FIRST_OF, Ways, addresses, numbers, put_first, take_in
from storage.leads.records import FURTHER, LeadStatus, spelled
from storage.leads.upsert import LeadDraft

_MAX_CHARS = {"notes": 20_000, "need": 20_000}
_MAX_LINE_CHARS = 300
_MAX_CUSTOM_CHARS = 2_000
_MAX_PEOPLE = 100_000_000
_COUNT = re.compile(r"([0-9]{1,3}(?:[\s.,'\u2019][0-9]{3})+|[0-9]+)(?:[.,]0{1,2})?")
"""By thousands or not; spreadsheets and scripts write whole numbers with a fraction of nothing, too."""

_NAMING = ("company_name", "contact_name", "contact_email", "contact_phone")
_STATUSES = frozenset(get_args(LeadStatus))
_WITHOUT_ADDRESS = UUID("6f0f3a0e-6a6c-4c55-9d0e-0a3f3b2d6c11")
"""Namespace of the ids of leads without e-mail address: the same row makes the same lead when it comes again."""

MESSAGES = {
    "quote_not_closed": "A quote is opened and never closed.",
    "row_too_large": "The row is too large.",
    "too_many_cells": "The row has more cells than the header has columns.",
    "not_text": "A cell has characters that are not text.",
    "invalid_email": "That is no e-mail address.",
    "invalid_number": "That is no number of people.",
    "too_long": "The text is too long.",
    "lead_unnamed": "A lead needs a company, a name, an e-mail address or a telephone number.",
}


class RowError(Struct, frozen=True, kw_only=True):
    """Why a row was not taken. ``line``: where it begins in the file, from 1 · ``code`` is stable."""

    line: int
    code: str
    message: str
    column: str | None = None


class LeadRow(Struct, frozen=True):
    line: int
    draft: LeadDraft


class _Refused(Exception):  # noqa: N818 - a row is refused, nothing failed
    def __init__(self, code: str, column: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.column = column


def lead_row(record: CsvRecord, columns: Columns) -> LeadRow | RowError:
    try:
        if record.error is not None:
            raise _Refused(record.error)
        return LeadRow(record.line, _draft(record.cells, columns))
    except _Refused as refused:
        return row_error(record.line, refused.code, column=refused.column)


def row_error(line: int, code: str, message: str | None = None, *, column: str | None = None) -> RowError:
    return RowError(line=line, code=code, message=message or MESSAGES[code], column=column)


def _draft(cells: list[str], columns: Columns) -> LeadDraft:
    if any(cells[len(columns.names) :]):
        raise _Refused("too_many_cells")
    fields: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    names: dict[str, str] = {}
    at = columns.country
    country = country_of(cells[at]) if at is not None and at < len(cells) else None
    for name, field, written in zip(columns.names, columns.fields, cells, strict=False):
        if not (cell := meant(written)):
            continue
        if "\0" in cell:
            raise _Refused("not_text", name)
        if field in ("first_name", "last_name"):
            names.setdefault(field, cell)
            continue
        is_said = False
        if field in FIRST_OF:
            is_said = take_in(fields, field, _ways(fields, field, cell, name, country))
        elif field is not None and field not in fields and (field != "status" or plain_status(cell) is not None):
            if (value := _value(field, cell, name)) == "":
                continue
            fields[field] = value
            is_said = True
        if name and not is_said:
            custom[name] = cell[:_MAX_CUSTOM_CHARS]
    put_first(fields)
    if names and "contact_name" not in fields:
        fields["contact_name"] = " ".join(names[part] for part in ("first_name", "last_name") if part in names)
    if not any(name in fields for name in _NAMING):
        raise _Refused("lead_unnamed")
    kept = {name: value for name, value in spelled(fields).items() if value not in (None, ())}
    return LeadDraft(id=_id_of(kept), fields=kept | ({"custom": custom} if custom else {}))


def _value(field: str, cell: str, column: str) -> Any:
    """ "" where the cell says that there is none."""
    if field == "team_size":
        written = _COUNT.fullmatch(cell)
        digits = re.sub(r"\D", "", written[1]) if written is not None else ""
        if not digits or len(digits) > 9 or int(digits) > _MAX_PEOPLE:
            raise _Refused("invalid_number", column)
        return int(digits)
    if field == "status":
        return plain_status(cell)
    if field == "contact_name":
        cell = name_in(cell)
    if len(cell) > _MAX_CHARS.get(field, _MAX_LINE_CHARS):
        raise _Refused("too_long", column)
    return cell


def _ways(fields: dict[str, Any], field: str, cell: str, column: str, country: str | None) -> Ways:
    if FIRST_OF[field] == "contact_email":
        found = addresses(cell)
        if field not in fields and field in FURTHER and not (found.values or found.is_all):
            raise _Refused("invalid_email", column)
    else:
        found = numbers(cell, country)
    if len(max(found.values, default="", key=len)) > _MAX_LINE_CHARS:
        raise _Refused("too_long", column)
    return found


def plain_status(cell: str) -> str | None:
    """None: another program's status, which says nothing to us."""
    status = re.sub(r"\W+", "_", cell.lower())
    return status if status in _STATUSES else None


def _id_of(kept: dict[str, Any]) -> UUID | None:
    if "contact_email" in kept:
        return None
    return uuid5(_WITHOUT_ADDRESS, "\n".join(str(kept.get(name, "")).casefold() for name in _NAMING))
