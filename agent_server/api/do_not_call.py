"""Numbers that nobody may call."""

import re
from typing import Annotated

from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.api.numbers import Number, number_of
from agent_server.web.errors import Problem
from agent_server.web.request_body import read_body
from storage import phone_number
from storage.calls.consents import ConsentKind, ConsentRecord
from storage.calls.do_not_call import ListedSuppression, Source, SuppressedNumber
from storage.postgres.cursor import MAX_LIMIT, Page

do_not_call = Resource("calls", "Calls that the agent makes, and whom it may call.")

MAX_IMPORT_BYTES = 4 * 1024 * 1024
MOST_UNREADABLE = 100
"""Lines that an answer names."""

TEXT_TYPES = ("text/csv", "text/plain")
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
_CELLS = re.compile(r"[,;\t]")
_DIGIT = re.compile(r"\d")


class DoNotCallQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    source: Source | None = None


class NewSuppression(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: Number
    reason: Reason = "Entered by an operator."


class NumberQuery(Struct, frozen=True):
    number: Number


class Suppression(Struct, frozen=True):
    """`suppressed`: the number is on the list. `unwanted`: it is, or whoever it belongs to wants no calls: a lead that
    opted out, or another number of theirs on the list. `entry` is null when nobody asked for it, and when who did was
    erased. `consent`: what is on record; without one of the kinds that are `enough` here (CALL_CONSENT) the number is
    not called either."""

    number: str
    suppressed: bool
    unwanted: bool
    entry: SuppressedNumber | None
    consent: ConsentRecord | None
    enough: tuple[ConsentKind, ...]


class ImportQuery(Struct, frozen=True):
    reason: Reason = "Imported."


class UnreadableLine(Struct, frozen=True):
    line: int
    message: str


class DoNotCallImport(Struct, frozen=True):
    """`present`: were on the list before. `unreadable` counts every line that was not taken; the first hundred are
    named."""

    added: int
    present: int
    unreadable: int
    errors: tuple[UnreadableLine, ...]


@do_not_call.get("/api/do-not-call", scope="read", summary="List numbers nobody may call, newest first")
async def list_numbers(call: Call, query: DoNotCallQuery) -> Page[ListedSuppression]:
    """`source=opt_out` are the wishes of people, from calls, chats and leads."""
    return await call.services.calls.suppressed.list(source=query.source, limit=query.limit, cursor=query.cursor)


@do_not_call.post("/api/do-not-call", scope="write", summary="Put a number on the list", status=201, errors=(422,))
async def add_number(call: Call, body: NewSuppression) -> SuppressedNumber:
    """From this moment no process calls it. One that is on the list keeps its first reason."""
    number = number_of(body.number, param="number")
    suppressed = call.services.calls.suppressed
    await suppressed.add([number], reason=body.reason.strip(), source="operator", now=call.services.utc_now())
    entry = await suppressed.get(number)
    if entry is None:
        raise Problem(409, "number_removed", "Somebody took the number off the list at this very moment.")
    return entry


@do_not_call.get("/api/do-not-call/check", scope="read", summary="Whether a number may be called", errors=(422,))
async def check_number(call: Call, query: NumberQuery) -> Suppression:
    number = number_of(query.number, param="number")
    calls = call.services.calls
    listed, entry = await calls.suppressed.holds(number), await calls.suppressed.get(number)
    of_person = (await calls.records.consents_of([number])).get(number)
    return Suppression(
        number,
        listed,
        listed or (of_person is not None and of_person.suppressed),
        entry,
        await calls.consents.get(number),
        tuple(sorted(calls.rules.consents)),
    )


@do_not_call.delete("/api/do-not-call/{number}", scope="write", summary="Take a number off", errors=(404, 422))
async def remove_number(call: Call) -> None:
    """For numbers entered by mistake. A lead that opted out stays opted out, and is not called at any number."""
    number = number_of(call.path("number"), param="number")
    if not await call.services.calls.suppressed.remove(number):
        raise Problem(404, "number_not_found", "This number is not on the list.", param="number")


@do_not_call.post(
    "/api/do-not-call/import",
    scope="write",
    summary="Put many numbers on the list",
    accepts=TEXT_TYPES,
    max_body_bytes=MAX_IMPORT_BYTES,
    errors=(400, 408, 413, 415),
)
async def import_numbers(call: Call, query: ImportQuery) -> DoNotCallImport:
    """A number a line, or CSV of which the first cell with a number counts; a heading is no error."""
    if call.request.content_type not in TEXT_TYPES:
        raise Problem(415, "unsupported_media_type", "Send text/csv or text/plain.")
    body = await read_body(call.request, max_bytes=MAX_IMPORT_BYTES)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(400, "unreadable_body", "The body is not UTF-8.") from None
    numbers, errors = read_numbers(text)
    added = await call.services.calls.suppressed.add(
        numbers, reason=query.reason.strip(), source="import", now=call.services.utc_now()
    )
    return DoNotCallImport(added, len(set(numbers)) - added, len(errors), tuple(errors[:MOST_UNREADABLE]))


def read_numbers(text: str) -> tuple[list[str], list[UnreadableLine]]:
    """E.164 of each line that has one. Lines without a digit before the first number are headings."""
    numbers: list[str] = []
    errors: list[UnreadableLine] = []
    for line, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        cells = (cell.strip().strip("\"'") for cell in _CELLS.split(row))
        number = next((found for cell in cells if (found := phone_number.normalised(cell)) is not None), None)
        if number is not None:
            numbers.append(number)
        elif numbers or _DIGIT.search(row):
            errors.append(UnreadableLine(line, "There is no complete telephone number in this line."))
    return numbers, errors
