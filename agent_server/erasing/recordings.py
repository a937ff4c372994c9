"""Erases what was recorded of conversations for replay."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from agent_server.stores.recording_files import recordings_of
from storage.erasure.eraser import Counts, How
from storage.erasure.person import Person
from storage.postgres.database import Transaction


class Recordings:
    """An eraser. Files of this machine alone: with several, the directory is to be shared."""

    name = "recordings"

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    async def count(self, transaction: Transaction, person: Person) -> Counts:
        return {"recordings": len(await asyncio.to_thread(self._files, person.conversations))}

    async def erase(self, transaction: Transaction, person: Person, how: How) -> Counts:
        return {"recordings": await asyncio.to_thread(self.remove, person.conversations)}

    async def show(self, transaction: Transaction, person: Person) -> AsyncIterator[tuple[str, Any]]:
        for file in await asyncio.to_thread(self._files, person.conversations):
            yield "recordings", {"file": file.name, "download": f"/api/conversations/{_conversation(file)}/recording"}

    def remove(self, conversations: Iterable[str]) -> int:
        """Blocking; returns how many files there were."""
        files = self._files(conversations)
        for file in files:
            file.unlink(missing_ok=True)
        return len(files)

    def _files(self, conversations: Iterable[str]) -> list[Path]:
        return [file for each in conversations for file in recordings_of(self._directory, each)]


def _conversation(file: Path) -> str:
    return file.name.partition("-")[0]
