"""Recordings of the calls of this process: whether one is made, its way from the call to the store, and its end."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from agent_server.background.kept_going import Work
from agent_server.call_audio.keeping import CallAudioKeeping, audio_directory, quiet_sweep
from agent_server.call_audio.links import link_path
from agent_server.call_audio.spool_files import adopted
from agent_server.call_audio.writing import LiveRecordings
from agent_server.hosting.opening import Opening
from agent_server.settings import CallAudioSettings, ProcessSettings
from agent_server.stores.encryption_key import encryption_keys
from pipelines.call_audio.recorder import CallRecorder
from pipelines.call_audio.states import Told
from pipelines.conversation.settings import RecordingWords
from pipelines.language.words import has_words, said
from storage.errors import StorageError

log = logging.getLogger(__name__)

AGAIN_S: Final = 60.0
"""How soon spool files are looked for again: those of dead processes, and those that could not be stored."""

SWEEP_EVERY_S: Final = 3600.0
ANNOUNCEMENT: Final = "This call is recorded; tell me if you don't want that."
STOPPED: Final = "All right. The recording is stopped, and what there was of it is deleted."


class CallAudioWork:
    """``permitted`` and ``recording`` are for the host; ``work`` runs beside. Nothing here ends a call."""

    def __init__(
        self, settings: CallAudioSettings, process: ProcessSettings, keeping: CallAudioKeeping, now: Callable[[], Any]
    ) -> None:
        self.keeping = keeping
        self.settings = settings
        self._process = process
        self._now = now
        self._spools = audio_directory(process) / "spool"
        self._released = asyncio.Event()
        self._live = LiveRecordings(self._spools, keeping, now, self._released.set)

    @cached_property
    def link_secrets(self) -> tuple[str, ...]:
        """What links are signed with, the newest first. Raises OSError."""
        return tuple(key.strip() for key in encryption_keys(self._process).split(","))

    def words(self, language: str) -> RecordingWords:
        """What callers who are recorded are told. What the operator has the agent say is said as it stands."""
        announcement = self.settings.announcement or said(ANNOUNCEMENT, language)
        return RecordingWords(said(STOPPED, language), announcement if self.settings.call_audio == "announced" else "")

    async def permitted(self, opening: Opening, language: str) -> bool:
        """Whether the call may be recorded: nobody said otherwise, now or in an earlier part of the conversation, and
        who says so in the ``language`` that is talked is understood."""
        if not self.settings.is_on or not opening.may_record or not has_words(language):
            return False
        if opening.history is None:
            return True
        try:
            return not await self.keeping.is_refused(opening.conversation_id)
        except StorageError as error:
            log.warning("a call is not recorded: whether it may be is not known (%s)", error.code)
            return False

    async def refused_earlier(self, opening: Opening) -> bool:
        """Whether the caller did, in words older than the items it begins with; so too where that cannot be known."""
        if opening.older_from is None:
            return False
        try:
            return await self.keeping.is_refused(opening.conversation_id)
        except StorageError as error:
            log.warning("a call is not listened to: whether it may be is not known (%s)", error.code)
            return True

    def link(self, conversation_id: str) -> str | None:
        """To what will be recorded of a conversation, for a CRM; None: there is to be none. Raises OSError."""
        public_url = self._process.public_url
        if not self.settings.links or not self.settings.is_on or public_url is None:
            return None
        expires_at = self._now() + timedelta(days=self.settings.days)
        return public_url + link_path(conversation_id, None, expires_at, self.link_secrets[0])

    def recording(
        self, conversation_id: str, *, announced: bool, changed: Callable[[Told], None]
    ) -> AbstractContextManager[CallRecorder]:
        """While the block lasts."""
        return self._live.recording(conversation_id, announced=announced, changed=changed)

    async def delete_audio(self, conversation_id: str) -> int:
        """All sound of a conversation, of the call that goes on as well. Returns of how many connections.

        Raises BlobError, StorageError.
        """
        self._live.delete(conversation_id)
        return await self.keeping.delete(conversation_id)

    def work(self) -> dict[str, Work]:
        """What runs while the process does. Where no call is recorded any more, what there is still goes in time."""
        return {
            **({"recordings": self._live.write_while_running} if self.settings.is_on else {}),
            "recordings that are over": self._encode_while_running,
            "old recordings": self._sweep,
        }

    async def _encode_while_running(self) -> None:
        """The spool files that nobody has, one after the other."""
        loop = asyncio.get_running_loop()
        passed_over: set[Path] = set()
        again_at = loop.time() + AGAIN_S
        while True:
            while (spool := await asyncio.to_thread(adopted, self._spools, passed_over)) is not None:
                try:
                    if not await self.keeping.keep(spool):
                        passed_over.add(spool.path)
                except Exception:
                    log.exception("a recording could not be kept")
                    passed_over.add(spool.path)
                finally:
                    spool.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(again_at):
                    await self._released.wait()
            self._released.clear()
            if loop.time() >= again_at:
                passed_over.clear()
                again_at = loop.time() + AGAIN_S

    async def _sweep(self) -> None:
        while True:
            await quiet_sweep(self.keeping)
            await asyncio.sleep(SWEEP_EVERY_S)
