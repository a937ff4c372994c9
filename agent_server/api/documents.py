"""Documents the agent is to know: uploaded, read in the background, and gone with all that came of them."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Final, Literal
from uuid import UUID

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.api.knowledge import Topic, shown_topic
from agent_server.lead_import.arrival import in_time
from agent_server.web.errors import Problem
from pipelines.documents.port import DOCX, MediaType
from storage.knowledge.documents import DocumentRow, DocumentStatus
from storage.postgres.cursor import MAX_LIMIT, Page

documents = Resource("documents", "Documents the agent knows: PDF, Word, HTML, Markdown, text.")

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
MAX_NAME_CHARS: Final = 200
BUSY_RETRY_S: Final = 3.0
_PART_BYTES: Final = 64 * 1024

_BY_ENDING: Final[dict[str, MediaType]] = {
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".docx": DOCX,
}
_BY_TYPE: Final[dict[str, MediaType]] = {media_type: media_type for media_type in _BY_ENDING.values()}
ACCEPTED: Final = (*_BY_TYPE, "multipart/form-data", "application/octet-stream")


class DocumentFailure(Struct, frozen=True):
    """Why nothing came of it, and what to do."""

    code: str
    message: str


class Document(Struct, frozen=True, kw_only=True):
    """`processing`: it is read within seconds · `ready`: its `topics` are known · `failed`: see `error`. `pages`: of a
    PDF. `characters`: of its text."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    status: DocumentStatus
    error: DocumentFailure | None
    pages: int | None
    characters: int | None
    topics: int
    created_at: datetime
    updated_at: datetime


class UploadQuery(Struct, frozen=True):
    """`name`: what to call it, where the body is the file itself. `mode=replace`: an earlier document of the same name
    goes when this one is ready."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS, pattern=r"\S")] | None = None
    mode: Literal["add", "replace"] = "add"


class DocumentQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    status: DocumentStatus | None = None


class ChunkQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None


class _File(Struct):
    name: str | None
    media_type: str
    pieces: AsyncIterator[bytes]


@documents.post(
    "/api/documents",
    scope="write",
    summary="Teach a document",
    status=202,
    accepts=ACCEPTED,
    errors=(400, 408, 409, 413, 415, 429),
)
async def upload_document(call: Call, query: UploadQuery) -> Document:
    """The file is the body, with its `Content-Type`, or the first file of a form; PDF, Word (.docx), HTML, Markdown or
    text, at most 20 MB and 500 pages. It is read in the background: what stands under a heading becomes a topic, which
    conversations use as soon as `status` is `ready`. What a document says is told to callers; nothing is done because
    it says so."""
    work = call.services.documents
    if work.uploads.locked():
        raise Problem(429, "uploads_busy", "Other documents are arriving; wait for them.", retry_after_s=BUSY_RETRY_S)
    async with work.uploads:
        file = await _file(call.request)
        name = " ".join((query.name or file.name or "Document").split())[:MAX_NAME_CHARS]
        content = await _content(file.pieces, call.request.content_length)
        media_type = _media_type(file.media_type, file.name or query.name or "", content)
        document_id = await work.add(name, media_type, content, replaces=query.mode == "replace")
    return await _document(call, document_id)


@documents.get("/api/documents", scope="read", summary="List documents, newest first")
async def list_documents(call: Call, query: DocumentQuery) -> Page[Document]:
    page = await call.services.documents.kept.list(status=query.status, limit=query.limit, cursor=query.cursor)
    return Page(items=tuple(map(_shown, page.items)), next_cursor=page.next_cursor)


@documents.get("/api/documents/{id}", scope="read", summary="One document", errors=(404,))
async def get_document(call: Call) -> Document:
    return await _document(call, call.path_id(_missing()))


@documents.get("/api/documents/{id}/topics", scope="read", summary="What came of a document", errors=(404,))
async def list_document_topics(call: Call, query: ChunkQuery) -> Page[Topic]:
    """In the document's order. They are topics like others, and are changed under `/api/knowledge`."""
    document = await _document(call, call.path_id(_missing()))
    page = await call.services.documents.kept.topics(document.id, limit=query.limit, cursor=query.cursor)
    return Page(items=tuple(map(shown_topic, page.items)), next_cursor=page.next_cursor)


@documents.get(
    "/api/documents/{id}/text",
    scope="read",
    summary="A document's text",
    produces="text/plain",
    errors=(404, 409),
)
async def get_document_text(call: Call) -> web.Response:
    """As it was read, a line a paragraph."""
    document = await _document(call, call.path_id(_missing()))
    text = await call.services.documents.kept.text(document.id)
    if text is None:
        raise Problem(409, "document_not_ready", "It has not been read.", param="id")
    return web.Response(text=text, headers={"X-Content-Type-Options": "nosniff"})


@documents.delete("/api/documents/{id}", scope="write", summary="Forget a document", errors=(404,))
async def delete_document(call: Call) -> None:
    """All its topics go too, those that were changed since as well."""
    if not await call.services.documents.delete(call.path_id(_missing())):
        raise _missing()


async def _file(request: web.Request) -> _File:
    if request.content_type != "multipart/form-data":
        return _File(None, request.content_type, request.content.iter_any())
    missing = Problem(400, "file_missing", "The form has no file.", param="file")
    try:
        reader = await request.multipart()
        part = await reader.next()
        while isinstance(part, BodyPartReader) and part.filename is None:
            part = await reader.next()
    except (ValueError, AssertionError, HttpProcessingError):
        raise missing from None
    if not isinstance(part, BodyPartReader):
        raise missing
    name = PurePath(_text(part.filename or "").replace("\\", "/")).name
    return _File(name or None, part.headers.get("Content-Type", "").partition(";")[0].strip(), _pieces(part))


def _text(filename: str) -> str:
    """As Windows has it where it is no UTF-8: such bytes come as surrogates, which nothing can keep."""
    sent = filename.encode("utf-8", "surrogateescape")
    try:
        return sent.decode()
    except UnicodeDecodeError:
        return sent.decode("windows-1252", "replace")


async def _pieces(part: BodyPartReader) -> AsyncIterator[bytes]:
    while piece := await part.read_chunk(_PART_BYTES):
        yield bytes(piece)


async def _content(pieces: AsyncIterator[bytes], length: int | None) -> bytes:
    too_large = Problem(413, "body_too_large", f"A document may have {MAX_FILE_BYTES // 1024**2} MB.")
    if (length or 0) > MAX_FILE_BYTES + _PART_BYTES:
        raise too_large
    content = bytearray()
    try:
        async for piece in in_time(pieces):
            content += piece
            if len(content) > MAX_FILE_BYTES:
                raise too_large
    except (ValueError, AssertionError):
        raise Problem(400, "file_missing", "The form is cut short.", param="file") from None
    if not content.strip():
        raise Problem(400, "file_missing", "The file is empty.", param="file")
    return bytes(content)


def _media_type(given: str, name: str, content: bytes) -> MediaType:
    """By its type, else by its name, else by how it begins. Raises Problem (415)."""
    by_name = _BY_ENDING.get(PurePath(name).suffix.lower())
    begins: MediaType | None = "application/pdf" if b"%PDF-" in content[:1024] else None
    found = begins or (by_name if given == "text/plain" else None) or _BY_TYPE.get(given) or by_name
    if found is None:
        raise Problem(415, "unsupported_media_type", "Send a PDF, Word (.docx), HTML, Markdown or text file.")
    return found


async def _document(call: Call, document_id: UUID) -> Document:
    row = await call.services.documents.kept.get(document_id)
    if row is None:
        raise _missing()
    return _shown(row)


def _shown(row: DocumentRow) -> Document:
    return Document(
        id=row.id,
        name=row.name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        status=row.status,
        error=DocumentFailure(row.error_code, row.error_message or "") if row.error_code is not None else None,
        pages=row.pages,
        characters=row.characters,
        topics=row.topics,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _missing() -> Problem:
    return Problem(404, "document_not_found", "There is no such document.", param="id")
