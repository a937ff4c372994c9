"""From a spool to a file: in a process of its own, also where the spool was broken off."""

import asyncio
from pathlib import Path

import msgspec
import psutil
import pytest

from pipelines.call_audio import encoding
from pipelines.call_audio.encoding import encoded
from pipelines.call_audio.port import CallAudioError, Head
from pipelines.call_audio.spool import CallerBegan, Kind, Record, encoded_head
from pipelines.call_audio.spool import encoded as spooled

HEAD = Head("rec_1", "conv_1", 1_800_000_000.0)


def spool(path: Path, records: list[Record], *, broken_off: int = 0) -> Path:
    data = encoded_head(HEAD) + spooled(records)
    path.write_bytes(data[: len(data) - broken_off])
    return path


async def test_a_spool_that_a_killed_process_left_is_a_recording_of_what_there_was(tmp_path: Path) -> None:
    began = msgspec.json.encode(CallerBegan(0.0))
    frames = [(Kind.CALLER, 1020.0 + 20 * n, 0, b"\x00\x10" * 480) for n in range(100)]
    path = spool(tmp_path / "a.spool", [(Kind.NEWS, 1000.0, 0, began), *frames], broken_off=500)
    result = await encoded(path, tmp_path / "a.mp3", path.stat().st_size)
    assert result.head == HEAD
    assert (result.outline.duration_ms, result.outline.offset_ms) == (1980, 1000)
    assert set(result.outline.caller) == {31}
    assert set(result.outline.agent) == {0}
    assert result.bytes == (tmp_path / "a.mp3").stat().st_size > 10_000


async def test_what_could_not_be_encoded_now_may_be_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = spool(tmp_path / "a.spool", [(Kind.CALLER, 1020.0, 0, b"\x00\x10" * 480)])
    task = asyncio.create_task(encoded(path, tmp_path / "a.mp3", 1))
    async with asyncio.timeout(5):
        while not (encoders := [child for child in psutil.Process().children() if _encodes(child)]):
            await asyncio.sleep(0.01)
    encoders[0].terminate()
    with pytest.raises(CallAudioError) as refused:
        await task
    assert (refused.value.code, refused.value.retryable) == ("encoder_failed", True)
    monkeypatch.setattr(encoding, "PATIENCE", 0.0001)
    with pytest.raises(CallAudioError) as refused:
        await encoded(path, tmp_path / "a.mp3", 1)
    assert (refused.value.code, refused.value.retryable) == ("encoder_too_slow", True)


def _encodes(process: psutil.Process) -> bool:
    try:
        return any("encoder_process" in word for word in process.cmdline())
    except psutil.Error:
        return False


@pytest.mark.parametrize(("content", "code"), [(b"what is this", "spool_unreadable"), (None, "no_sound")])
async def test_what_is_no_recording_says_why(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = spool(tmp_path / "a.spool", [])
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CallAudioError) as refused:
        await encoded(path, tmp_path / "a.mp3", 1)
    assert refused.value.code == code
