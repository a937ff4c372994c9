"""Recordings of calls: whether they can be kept where the settings say."""

from agent_server.call_audio.keeping import store_of
from agent_server.cli.diagnosis.finding import Finding
from agent_server.settings import Settings
from storage.blobs.port import BlobError


async def recordings(settings: Settings) -> Finding:
    audio = settings.call_audio
    if not audio.is_on:
        return Finding("call recordings", "off", "calls are not recorded; CALL_AUDIO=announced records them")
    try:
        await store_of(audio, settings.process).check()
    except BlobError as error:
        return Finding("call recordings", "failed", str(error))
    where = "the data directory" if audio.store is None else audio.store
    return Finding(
        "call recordings",
        "ok" if audio.store is not None else "embedded",
        f"{audio.call_audio}, kept {audio.days} days in {where}",
    )
