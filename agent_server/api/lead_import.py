"""Leads from a CSV file, uploaded and written as it arrives."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

import msgspec
from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.lead_import.arrival import in_time
from agent_server.lead_import.events import ImportEvent, ImportRefused, ImportReport
from agent_server.lead_import.run import ImportOptions, LeadImport
from agent_server.lead_import.spool import spooled
from agent_server.web.errors import ErrorBody, ErrorDetail, Problem
from agent_server.web.problems import problem_of
from storage.errors import StorageError
from storage.leads.upsert import Existing

lead_import = Resource("leads", "People and companies that may buy.")

EVENTS = "application/x-ndjson"
CSV_TYPES = ("text/csv", "multipart/form-data")
_PLAIN_TYPES = frozenset({"text/csv", "text/plain", "application/csv", "application/octet-stream"})
_PART_BYTES = 64 * 1024
BUSY_RETRY_S = 5.0

Encoding = Literal[
    "utf-8",
    "utf-16",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1257",
]


class ImportQuery(Struct, frozen=True):
    """`existing`: whether a lead that is known, by its e-mail address, is updated, only filled where it lacks
    something, or skipped. Empty cells never change anything. `encoding` and `delimiter` are found out; Windows' code
    pages are guessed, and `encoding_examples` in the report shows how well. `source` is set on new leads that name
    none."""

    existing: Existing = "update"
    dry_run: bool = False
    encoding: Encoding | None = None
    delimiter: Literal[",", ";", "\t", "|", "tab"] | None = None
    source: Annotated[str, Meta(min_length=1, max_length=300)] | None = None


@lead_import.post(
    "/api/leads/import",
    scope="write",
    summary="Import leads from a CSV file",
    accepts=CSV_TYPES,
    errors=(400, 408, 413, 415, 422),
    also_produces=(EVENTS,),
)
async def import_leads(call: Call, query: ImportQuery) -> ImportReport:
    """The file is the body, or the first file of a form. Its first line, below titles, names the columns, in the words
    of most CRMs and ten languages; columns that are no field of a lead, and second numbers and addresses, are kept in
    `custom`. Telephone numbers without a country code are read by the row's country. Rows are written as they arrive;
    a row that cannot be taken is told with its line and the reason, and costs no other row. With
    `Accept: application/x-ndjson` the answer is a line for each event as it happens: `started`, `progress`, `error`,
    and at the end `report` or `failed`."""
    places = call.services.imports
    if places.locked():
        message = "Other imports are under way; wait for them."
        raise Problem(429, "imports_busy", message, retry_after_s=BUSY_RETRY_S)
    async with places:
        options = ImportOptions(
            existing=query.existing,
            dry_run=query.dry_run,
            encoding=query.encoding,
            delimiter="\t" if query.delimiter == "tab" else query.delimiter,
            source=query.source,
        )
        if EVENTS in call.request.headers.get("Accept", ""):
            return await _told(call, options)  # type: ignore[return-value]
        work = LeadImport(call.services.database, options, now=call.services.utc_now)
        try:
            return await work.run(_pieces(call.request))
        except ImportRefused as refused:
            raise _refusal(refused) from None
        except Problem as problem:
            raise _cut_short(problem, work) from None


async def _told(call: Call, options: ImportOptions) -> web.StreamResponse:
    """The answer begins with the first event: what is refused before it is a plain refusal."""
    response = web.StreamResponse(headers={"Content-Type": EVENTS})

    async def tell(events: Sequence[ImportEvent]) -> None:
        if not response.prepared:
            await response.prepare(call.request)
        await response.write(b"".join(msgspec.json.encode(event) + b"\n" for event in events))

    work = LeadImport(call.services.database, options, now=call.services.utc_now, tell=tell)
    try:
        async with spooled(_pieces(call.request)) as pieces:
            await tell([await work.run(pieces)])
    except ImportRefused as refused:
        raise _refusal(refused) from None
    except (StorageError, Problem) as error:
        problem = _cut_short(error, work) if isinstance(error, Problem) else problem_of(error)
        if not response.prepared or problem is None:
            raise problem or error from None
        detail = ErrorBody(ErrorDetail(problem.code, problem.message, problem.type, problem.param))
        await response.write(msgspec.json.encode({"type": "failed", **msgspec.to_builtins(detail)}) + b"\n")
    await response.write_eof()
    return response


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    """Raises Problem (400, 408 or 415)."""
    source = _parts(request) if request.content_type == "multipart/form-data" else _body(request)
    async for piece in in_time(source):
        yield piece


async def _body(request: web.Request) -> AsyncIterator[bytes]:
    if request.content_type not in _PLAIN_TYPES:
        raise Problem(415, "unsupported_media_type", "The body must be a CSV file (text/csv) or a form with one.")
    async for piece in request.content.iter_any():
        yield piece


async def _parts(request: web.Request) -> AsyncIterator[bytes]:
    missing = Problem(400, "file_missing", "The form has no file.", param="file")
    try:
        reader = await request.multipart()
        part = await reader.next()
        while isinstance(part, BodyPartReader) and part.filename is None:
            part = await reader.next()
        if not isinstance(part, BodyPartReader):
            raise missing
        while piece := await part.read_chunk(_PART_BYTES):
            yield bytes(piece)
    except (ValueError, AssertionError, HttpProcessingError):
        raise missing from None


def _cut_short(problem: Problem, work: LeadImport) -> Problem:
    """What ended the file, and what of it is taken all the same."""
    if not work.rows:
        return problem
    written = "would be" if work.is_dry_run else "are"
    message = f"{problem.message} Its first {work.rows} rows {written} imported; sent again, they are recognised."
    return Problem(problem.status, problem.code, message, param=problem.param)


def _refusal(refused: ImportRefused) -> Problem:
    return Problem(422, refused.code, str(refused))
