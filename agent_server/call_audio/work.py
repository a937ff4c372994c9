"""Recordings of the calls of this process: written in batches while they talk, encoded one after the other."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from agent_server.call_audio.keeping import CallAudioKeeping, audio_directory, quiet_sweep
from agent_server.call_audio.links import link_path
from agent_server.call_audio.spool_files import SUFFIX, SpoolFile, left_behind
from agent_server.encryption_key import encryption_keys
from agent_server.kept_going import Work
from agent_server.realtime.opening import Opening
from agent_server.settings import CallAudioSettings, ProcessSettings
from pipelines.call_audio.port import Head
from pipelines.call_audio.recorder import CallRecorder, State
from pipelines.call_audio.spool import Record
from pipelines.conversation.settings import RecordingWords
from storage.errors import StorageError

log = logging.getLogger(__name__)

WRITE_EVERY_S: Final = 1.0
WRITE_TIMEOUT_S: Final = 20.0
AGAIN_S: Final = 60.0
"""How soon spool files are looked for again: those of dead processes, and those that could not be stored."""

SWEEP_EVERY_S: Final = 3600.0
STOPPED: Final = "All right. The recording is stopped, and what there was of it is deleted."


class _Live(Struct, eq=False):
    recorder: CallRecorder
    spool: SpoolFile
    is_noted: bool = False
    """The table knows of it."""


class CallAudioWork:
    """``permitted`` and ``recording`` are for the host; ``work`` runs beside. Nothing here ends a call."""

    def __init__(
        self, settings: CallAudioSettings, process: ProcessSettings, keeping: CallAudioKeeping, now: Callable[[], Any]
    ) -> None:
        self.keeping = keeping
        self.settings = settings
        self._process = process
        self._spools = audio_directory(process) / "spool"
        self._now = now
        self._live: set[_Live] = set()
        self._finished: asyncio.Queue[SpoolFile] = asyncio.Queue()
        """To be encoded: each is a file, and the bound is the disk's."""
        self._waiting: set[Path] = set()
        """Files of ours that are in the queue."""
        self._wanted = asyncio.Event()

    @cached_property
    def link_secrets(self) -> tuple[str, ...]:
        """What links are signed with, the newest first. Raises OSError."""
        return tuple(key.strip() for key in encryption_keys(self._process).split(","))

    @property
    def words(self) -> RecordingWords:
        """What callers who are recorded are told."""
        announced = self.settings.call_audio == "announced"
        return RecordingWords(STOPPED, self.settings.announcement if announced else "")

    async def permitted(self, opening: Opening) -> bool:
        """Whether the call may be recorded: nobody said otherwise, now or in an earlier part of the conversation."""
        if not self.settings.is_on or not opening.may_record:
            return False
        if opening.history is None:
            return True
        try:
            return not await self.keeping.is_refused(opening.conversation_id)
        except StorageError as error:
            log.warning("a call is not recorded: whether it may be is not known (%s)", error.code)
            return False

    def link(self, conversation_id: str) -> str | None:
        """To what will be recorded of a conversation, for a CRM; None: there is to be none. Raises OSError."""
        public_url = self._process.public_url
        if not self.settings.links or not self.settings.is_on or public_url is None:
            return None
        expires_at = self._now() + timedelta(days=self.settings.days)
        return public_url + link_path(conversation_id, None, expires_at, self.link_secrets[0])

    @contextlib.contextmanager
    def recording(
        self, conversation_id: str, *, announced: bool, changed: Callable[[State], None]
    ) -> Iterator[CallRecorder]:
        """While the block lasts."""
        head = Head(f"rec_{secrets.token_hex(12)}", conversation_id, self._now().timestamp())

        def news(state: State) -> None:
            if not recorder.is_live:
                self._wanted.set()
            changed(state)

        recorder = CallRecorder(head, announced=announced, changed=news)
        live = _Live(recorder, SpoolFile(self._spools / f"{head.recording_id}{SUFFIX}", head))
        self._live.add(live)
        try:
            yield recorder
        finally:
            recorder.finish()
            self._wanted.set()

    async def delete_audio(self, conversation_id: str) -> int:
        """All sound of a conversation, of the call that goes on as well. Returns of how many connections.

        Raises BlobError, StorageError.
        """
        for live in self._live:
            if live.recorder.head.conversation_id == conversation_id:
                live.recorder.end("deleted")
        return await self.keeping.delete(conversation_id)

    def work(self) -> dict[str, Work]:
        """What runs while the process does. Where no call is recorded any more, what there is still goes in time."""
        return {
            **({"recordings": self._write_while_running} if self.settings.is_on else {}),
            "recordings that are over": self._encode_while_running,
            "recordings left behind": self._look_around,
            "old recordings": self._sweep,
        }

    async def _write_while_running(self) -> None:
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(WRITE_EVERY_S):
                        await self._wanted.wait()
                self._wanted.clear()
                try:
                    await self._write()
                except Exception:
                    log.exception("writing recordings broke; it goes on with the next batch")
        finally:  # what is left is encoded at the next start
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._write_last)

    async def _write(self) -> None:
        for live in [live for live in self._live if live.recorder.state == "deleted"]:
            await self._discard(live)
        over = {live for live in self._live if live.recorder.state == "off"}
        batch = [(live, live.recorder.take()) for live in self._live]
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                failed = await asyncio.to_thread(_write_all, [(live.spool, kept) for live, kept in batch if kept])
        except TimeoutError:
            log.error("recordings end: the disk does not take them in time")
            failed = {live.spool for live, kept in batch if kept}
        for live, kept in batch:
            if live.spool in failed:
                live.recorder.end("failed")
            elif kept and not live.is_noted:
                live.is_noted = await self._note_beginning(live.recorder.head)
            if live.recorder.state == "failed":
                await self._give_up(live)
            elif live in over:
                await self._finish(live)

    async def _note_beginning(self, head: Head) -> bool:
        now = self._now()
        try:
            await self.keeping.records.began(
                head.recording_id,
                head.conversation_id,
                started_at=now.fromtimestamp(head.started_s, now.tzinfo),
                now=now,
            )
        except StorageError as error:
            log.warning("a recording is not in the table yet: %s", error.code)
            return False
        return True

    async def _finish(self, live: _Live) -> None:
        self._live.discard(live)
        if not await asyncio.to_thread(live.spool.path.exists):
            return  # nothing was to be recorded
        if live.is_noted:
            await self._moved(live, "processing")
        self._waiting.add(live.spool.path)
        self._finished.put_nowait(live.spool)

    async def _give_up(self, live: _Live) -> None:
        self._live.discard(live)
        with contextlib.suppress(OSError):
            await asyncio.to_thread(live.spool.discard)
        await self._moved(live, "failed", "disk_failed")

    async def _moved(self, live: _Live, state: Any, code: str | None = None) -> None:
        try:
            await self.keeping.records.moved(live.recorder.head.recording_id, state, error_code=code, now=self._now())
        except StorageError as error:
            log.warning("the state of a recording is not in the table: %s", error.code)

    async def _discard(self, live: _Live) -> None:
        """The caller does not want it, or somebody deleted it. What fails is tried again a second later."""
        head = live.recorder.head
        try:
            await asyncio.to_thread(live.spool.empty)
            if live.recorder.is_refused:
                await self.keeping.refuse(head)
            else:
                await self.keeping.delete(head.conversation_id)
            await asyncio.to_thread(live.spool.discard)
        except Exception as error:  # of the disk, the table or the store
            log.warning("a recording cannot be deleted yet: %s", getattr(error, "code", type(error).__name__))
            return
        self._live.discard(live)

    def _write_last(self) -> None:
        _write_all([(live.spool, live.recorder.take()) for live in self._live if live.recorder.state in ("on", "off")])
        for live in self._live:
            if live.recorder.state == "deleted":
                live.spool.empty()
            live.spool.close()

    async def _encode_while_running(self) -> None:
        while True:
            spool = await self._finished.get()
            try:
                if not await self.keeping.keep(spool):
                    await asyncio.to_thread(spool.close)  # whoever looks around next may try
            except asyncio.CancelledError:
                spool.close()
                raise
            except Exception:
                log.exception("a recording could not be kept")
                spool.close()
            finally:
                self._waiting.discard(spool.path)

    async def _look_around(self) -> None:
        while True:
            known = {live.spool.path for live in self._live} | self._waiting
            try:
                found = await asyncio.to_thread(left_behind, self._spools, known)
            except OSError as error:
                log.warning("spool files cannot be looked for: %s", error.strerror)
                found = []
            for spool in found:
                self._waiting.add(spool.path)
                self._finished.put_nowait(spool)
            await asyncio.sleep(AGAIN_S)

    async def _sweep(self) -> None:
        while True:
            await quiet_sweep(self.keeping)
            await asyncio.sleep(SWEEP_EVERY_S)


def _write_all(batch: list[tuple[SpoolFile, list[Record]]]) -> set[SpoolFile]:
    """Returns those that failed."""
    failed = set()
    for spool, records in batch:
        if not records:
            continue
        try:
            spool.write(records)
        except OSError as error:
            log.error("a recording ends: %s", error.strerror)
            failed.add(spool)
    return failed
