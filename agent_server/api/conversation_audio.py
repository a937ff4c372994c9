"""The sound of conversations: to listen to again, to be shown, to be deleted."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from aiohttp import hdrs, web
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.call_audio.keeping import outline_key
from agent_server.call_audio.links import CONSOLE_LINK, PATH, link_path, opened_link
from agent_server.services import Services
from agent_server.web.errors import Problem
from pipelines.call_audio.port import MEDIA_TYPE, Outline
from storage.blobs.port import BlobError, BlobNotFound
from storage.calls.recordings import CallRecording

conversation_audio = Resource("conversation_audio", "Recordings of calls, where CALL_AUDIO is set.")

CHUNK_BYTES: Final = 512 * 1024
_PARTS: Final = {str(hdrs.RANGE): "`bytes=…`: that part alone, with 206"}
MAX_OUTLINE_BYTES: Final = 16 * 1024 * 1024


class AudioQuery(Struct, frozen=True):
    recording: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="Which of the conversation's recordings; unset: the last"),
    ] = None


class LinkQuery(Struct, frozen=True):
    key: Annotated[str, Meta(max_length=1000, description="As it was given out")]


class AudioLink(Struct, frozen=True, kw_only=True):
    """An address that plays the recording without a key, until it expires."""

    url: str
    expires_at: datetime


class AudioOutline(Struct, frozen=True, kw_only=True):
    """What a player shows. `caller`, `agent`: the loudest sample (0 to 255) in each of equal parts of the recording.
    `offset_ms`: where on the session's clock it begins."""

    recording_id: str
    duration_ms: int
    offset_ms: int
    caller: list[int]
    agent: list[int]
    passages: list["AudioPassage"]


class AudioPassage(Struct, frozen=True, kw_only=True):
    """Where an item is heard, in milliseconds of the recording. `word_ends`: of each word of a reply that was heard,
    its end in the recording and in the item's generated text (characters)."""

    item_id: str
    start_ms: int
    end_ms: int
    word_ends: list[tuple[int, int]]


@conversation_audio.get(
    "/api/conversations/{id}/audio",
    scope="read",
    summary="Listen to a conversation: the caller left, the agent right",
    produces=MEDIA_TYPE,
    headers=_PARTS,
    other_statuses=(206,),
    errors=(404, 416),
)
async def get_audio(call: Call, query: AudioQuery) -> web.StreamResponse:
    """MP3, as both heard it. Parts are answered (`Range`), so players can seek."""
    recording = await _ready(call.services, call.path("id"), query.recording)
    return await _send(call, recording)


@conversation_audio.get(
    "/api/conversations/{id}/audio/outline",
    scope="read",
    summary="The recording's waveform, and where each item is heard in it",
    errors=(404,),
)
async def get_outline(call: Call, query: AudioQuery) -> AudioOutline:
    recording = await _ready(call.services, call.path("id"), query.recording)
    assert recording.key is not None, "it is ready"
    store = call.services.call_audio.keeping.store
    try:
        outline = msgspec.json.decode(await store.read(outline_key(recording.key), 0, MAX_OUTLINE_BYTES), type=Outline)
    except BlobError as error:
        raise _unavailable(error) from error
    passages = [msgspec.convert(one, AudioPassage, from_attributes=True) for one in outline.passages]
    return AudioOutline(
        recording_id=recording.id,
        duration_ms=outline.duration_ms,
        offset_ms=outline.offset_ms,
        caller=outline.caller,
        agent=outline.agent,
        passages=passages,
    )


@conversation_audio.post(
    "/api/conversations/{id}/audio/link",
    scope="read",
    summary="An address for a player, which needs no key and soon expires",
    errors=(404,),
)
async def make_link(call: Call, query: AudioQuery) -> AudioLink:
    """For the `<audio>` element, which cannot send a key."""
    services = call.services
    recording = await _ready(services, call.path("id"), query.recording)
    now = services.utc_now()
    expires_at = now + CONSOLE_LINK
    path = link_path(recording.conversation_id, recording.id, expires_at, services.call_audio.link_secrets[0])
    return AudioLink(url=path, expires_at=expires_at)


@conversation_audio.delete(
    "/api/conversations/{id}/audio", scope="write", summary="Delete what was recorded of a conversation", errors=(404,)
)
async def delete_audio(call: Call) -> None:
    """For good, of every connection; a call that goes on is not recorded any further."""
    conversation_id = call.path("id")
    if not _kept(await call.services.call_audio.keeping.records.of_conversation(conversation_id)):
        raise _not_found()
    try:
        await call.services.call_audio.delete_audio(conversation_id)
    except BlobError as error:
        raise _unavailable(error) from error


@conversation_audio.get(
    PATH,
    scope=None,
    summary="A recording, for who was given a link to it",
    produces=MEDIA_TYPE,
    headers=_PARTS,
    other_statuses=(206,),
    errors=(404, 416),
)
async def get_linked_audio(call: Call, query: LinkQuery) -> web.StreamResponse:
    """Expired links, and those nobody gave out, are not found."""
    services = call.services
    link = opened_link(query.key, services.call_audio.link_secrets, services.utc_now())
    if link is None:
        raise Problem(404, "link_invalid", "This link has expired, or was not given out here.", param="key")
    return await _send(call, await _ready(services, link.conversation_id, link.recording_id))


async def _ready(services: Services, conversation_id: str, recording_id: str | None) -> CallRecording:
    """Raises Problem."""
    found = _kept(await services.call_audio.keeping.records.of_conversation(conversation_id))
    if recording_id is not None:
        found = [recording for recording in found if recording.id == recording_id]
    ready = [recording for recording in found if recording.state == "ready"]
    if ready:
        return ready[-1]
    if any(recording.state in ("recording", "processing") for recording in found):
        raise Problem(404, "recording_not_ready", "The recording is being made; ask again in a moment.", param="id")
    raise _not_found()


def _kept(recordings: list[CallRecording]) -> list[CallRecording]:
    return [recording for recording in recordings if recording.state != "deleted"]


def _not_found() -> Problem:
    return Problem(404, "recording_not_found", "There is no recording of such a conversation.", param="id")


def _unavailable(error: BlobError) -> Problem:
    if isinstance(error, BlobNotFound):
        return Problem(404, "recording_not_found", "The recording is not in the store any more.", param="id")
    return Problem(503, error.code, "The store of recordings cannot be used now; try again later.")


async def _send(call: Call, recording: CallRecording) -> web.StreamResponse:
    """Raises Problem."""
    assert recording.key is not None, "it is ready"
    assert recording.bytes is not None, "it is ready"
    store, size = call.services.call_audio.keeping.store, recording.bytes
    start, stop = _wanted(call.request, size)
    try:
        chunk = await store.read(recording.key, start, min(CHUNK_BYTES, stop - start))
    except BlobError as error:
        raise _unavailable(error) from error
    part = hdrs.RANGE in call.request.headers
    response = web.StreamResponse(status=206 if part else 200)
    response.content_type = MEDIA_TYPE
    response.content_length = stop - start
    response.headers[hdrs.ACCEPT_RANGES] = "bytes"
    response.headers[hdrs.CACHE_CONTROL] = "private, no-store"
    if part:
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{stop - 1}/{size}"
    await response.prepare(call.request)
    while chunk:
        await response.write(chunk)
        start += len(chunk)
        if start >= stop:
            break
        chunk = await store.read(recording.key, start, min(CHUNK_BYTES, stop - start))
    await response.write_eof()
    return response


def _wanted(request: web.Request, size: int) -> tuple[int, int]:
    """From which byte to before which. Raises Problem."""
    try:
        wanted = request.http_range
    except ValueError:
        raise _no_such_part(size) from None
    start, stop = wanted.start, wanted.stop
    if start is None and stop is None:
        return 0, size
    start = start if start is not None else 0
    if start < 0:
        start = max(0, size + start)
    stop = min(size, stop) if stop is not None else size
    if start >= stop:
        raise _no_such_part(size)
    return start, stop


def _no_such_part(size: int) -> Problem:
    message = f"The recording has {size} bytes."
    return Problem(416, "range_not_satisfiable", message, headers={hdrs.CONTENT_RANGE: f"bytes */{size}"})
