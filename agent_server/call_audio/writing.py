"""Recordings of the calls that go on in this process: written in batches while they talk, and let go of afterwards."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from agent_server.call_audio.keeping import RECORDINGS, CallAudioKeeping
from agent_server.call_audio.spool_files import SUFFIX, SpoolFile
from pipelines.call_audio.port import Head
from pipelines.call_audio.recorder import CallRecorder
from pipelines.call_audio.spool import Record
from pipelines.call_audio.states import State, Told
from storage.errors import StorageError

log = logging.getLogger(__name__)

WRITE_EVERY_S: Final = 1.0
WRITE_TIMEOUT_S: Final = 20.0
FOLLOW_TIMEOUT_S: Final = 10.0
"""A table or store that is away must not keep the next batch from the disk."""


class _Live(Struct, eq=False):
    recorder: CallRecorder
    spool: SpoolFile
    is_noted: bool = False
    """The table knows of it."""


class LiveRecordings:
    """``recording`` is for whoever holds the call; ``write_while_running`` goes on beside. Nothing here ends a call."""

    def __init__(
        self, spools: Path, keeping: CallAudioKeeping, now: Callable[[], Any], released: Callable[[], None]
    ) -> None:
        """``spools``: the directory of the files · ``released`` is told that there is one to be encoded."""
        self._spools = spools
        self._keeping = keeping
        self._now = now
        self._released = released
        self._live: set[_Live] = set()
        self._news = asyncio.Event()

    @contextlib.contextmanager
    def recording(
        self, conversation_id: str, *, announced: bool, changed: Callable[[Told], None]
    ) -> Iterator[CallRecorder]:
        """While the block lasts."""
        head = Head(f"rec_{secrets.token_hex(12)}", conversation_id, self._now().timestamp())

        def news(told: Told) -> None:
            self._news.set()
            changed(told)

        recorder = CallRecorder(head, announced=announced, changed=news)
        self._live.add(_Live(recorder, SpoolFile(self._spools / f"{head.recording_id}{SUFFIX}", head)))
        try:
            yield recorder
        finally:
            recorder.become("over")
            self._news.set()

    def delete(self, conversation_id: str) -> None:
        """Nothing more of it is kept; what there is goes at once."""
        for live in self._live:
            if live.recorder.head.conversation_id == conversation_id:
                live.recorder.become("deleted")

    async def write_while_running(self) -> None:
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(WRITE_EVERY_S):
                        await self._news.wait()
                self._news.clear()
                try:
                    await self._write()
                except Exception:
                    log.exception("writing recordings broke; it goes on with the next batch")
        finally:  # what is left is encoded at the next start
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._write_last)

    async def _write(self) -> None:
        """The next batch, and what the state of each recording asks for."""
        batch = [(live, live.recorder.state, live.recorder.take()) for live in self._live]
        failed = await self._failing([(live, records) for live, _, records in batch if records])
        with contextlib.suppress(TimeoutError):  # what was not done is done with the next
            async with asyncio.timeout(FOLLOW_TIMEOUT_S), asyncio.TaskGroup() as following:
                for live, state, _ in batch:
                    if live in failed:
                        live.recorder.become("failed")
                    else:
                        following.create_task(self._follow(live, state))

    async def _failing(self, batch: list[tuple[_Live, list[Record]]]) -> set[_Live]:
        """Write. Returns those that the disk did not take."""
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                return await asyncio.to_thread(_write_all, batch)
        except TimeoutError:
            log.error("recordings end: the disk does not take them in time")
            return {live for live, _ in batch}

    async def _follow(self, live: _Live, state: State) -> None:
        """What there is to do in a state, once all that was kept before it is written. What is not done in time is
        tried again a second later."""
        match state:
            case "on" | "full":
                await self._note_beginning(live)
            case "over":
                await self._let_go(live)
            case "refused" | "deleted":
                await self._discard(live, is_refused=state == "refused")
            case "failed":
                await self._give_up(live)

    async def _note_beginning(self, live: _Live) -> None:
        if live.is_noted or not live.spool.is_begun:
            return
        head, now = live.recorder.head, self._now()
        try:
            await self._keeping.records.began(
                head.recording_id,
                head.conversation_id,
                started_at=now.fromtimestamp(head.started_s, now.tzinfo),
                now=now,
            )
            live.is_noted = True
        except StorageError as error:
            log.warning("a recording is not in the table yet: %s", error.code)

    async def _let_go(self, live: _Live) -> None:
        """To be encoded, where anything was recorded."""
        if live.spool.is_begun:
            await self._note_beginning(live)
            await self._keeping.moved(live.recorder.head.recording_id, "processing")
            if live.recorder.state == "deleted":
                return  # just now
            live.spool.close()
            self._released()
        self._live.discard(live)

    async def _give_up(self, live: _Live) -> None:
        with contextlib.suppress(OSError):
            await asyncio.to_thread(live.spool.discard)
        await self._keeping.moved(live.recorder.head.recording_id, "failed", "disk_failed")
        RECORDINGS.labels("disk_failed").inc()
        self._live.discard(live)

    async def _discard(self, live: _Live, *, is_refused: bool) -> None:
        head = live.recorder.head
        try:
            await asyncio.to_thread(live.spool.empty)
            if is_refused:
                await self._keeping.refuse(head)
            else:
                await self._keeping.delete(head.conversation_id)
            await asyncio.to_thread(live.spool.discard)
        except Exception as error:  # of the disk, the table or the store
            log.warning("a recording cannot be deleted yet: %s", getattr(error, "code", type(error).__name__))
            return
        self._live.discard(live)

    def _write_last(self) -> None:
        _write_all([(live, live.recorder.take()) for live in self._live])
        for live in self._live:
            if live.recorder.state in ("refused", "deleted"):
                live.spool.empty()
            live.spool.close()


def _write_all(batch: list[tuple[_Live, list[Record]]]) -> set[_Live]:
    """Returns those that failed."""
    failed = set()
    for live, records in batch:
        try:
            live.spool.write(records)
        except OSError as error:
            log.error("a recording ends: %s", error.strerror)
            failed.add(live)
    return failed
