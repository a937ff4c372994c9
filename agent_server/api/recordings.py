"""What was recorded of a conversation for replay: only when the operator named a directory for it."""

import asyncio

from aiohttp import web

from agent_server.api.endpoint import Call, Resource
from agent_server.stores.recording_files import recordings_of
from agent_server.web.errors import Problem

recordings = Resource("recordings", "Recordings of conversations, for replay.")

CHUNK_BYTES = 256 * 1024


@recordings.get(
    "/api/conversations/{id}/recording",
    scope="read",
    summary="The recording of a conversation, for `sales-agent replay`",
    produces="application/x-ndjson",
    errors=(404,),
)
async def get_recording(call: Call) -> web.StreamResponse:
    """One JSON object a line: a header, then a step per fact; again for each time the conversation was continued.

    It holds words and no audio. There are recordings only while `RECORDINGS_DIR` is set.
    """
    files = await asyncio.to_thread(recordings_of, call.services.settings.process.recordings_dir, call.path("id"))
    if not files:
        raise Problem(404, "recording_not_found", "There is no recording of such a conversation.", param="id")
    response = web.StreamResponse()
    response.content_type = "application/x-ndjson"
    await response.prepare(call.request)
    for file in files:
        with await asyncio.to_thread(file.open, "rb") as stream:
            while chunk := await asyncio.to_thread(stream.read, CHUNK_BYTES):
                await response.write(chunk)
    await response.write_eof()
    return response
