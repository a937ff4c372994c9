"""A recording of a conversation's facts and of the actions that followed, for replay.

One JSON object a line: the header (settings, ids, the items it began with), then a step per fact. Audio is kept as a
length only; the words of the conversation are in it, so recordings are off unless the operator names a directory.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import msgspec
from msgspec import Struct

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item
from pipelines.conversation.settings import ConversationSettings, RecordingWords

FORMAT = "sales-agent-recording/1"


class Header(Struct, frozen=True):
    """What the core was made with."""

    format: str
    conversation_id: str
    id_prefix: str
    settings: ConversationSettings
    items: list[tuple[Item, float]] = []
    recording: RecordingWords | None = None
    older_from: float | None = None


class Step(Struct, frozen=True):
    """A fact at its time, and the actions it led to. Audio bytes are replaced by their number."""

    at_ms: float
    fact: dict[str, Any]
    actions: list[dict[str, Any]]


class Divergence(Struct, frozen=True):
    """A step whose replay led to other actions than were recorded."""

    line: int
    at_ms: float
    fact: str
    recorded: list[dict[str, Any]]
    replayed: list[dict[str, Any]]


class RecordingError(Exception):
    """The file is no recording of this format."""


class Recording:
    """Writes one conversation's recording. A full disk ends the recording, not the conversation."""

    def __init__(self, path: Path, header: Header) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # its owner's alone: words are in it
        self._file: TextIO | None = os.fdopen(handle, "w", encoding="utf-8", buffering=1 << 16)
        self._write(header)

    def write(self, fact: facts.Fact, at_ms: float, actions: list[act.Action]) -> None:
        if self._file is not None:
            self._write(Step(at_ms, _plain(fact), [_plain(action) for action in actions]))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, line: Header | Step) -> None:
        assert self._file is not None
        try:
            self._file.write(msgspec.json.encode(line).decode() + "\n")
        except OSError:
            self._file = None


def replay(path: Path) -> Iterator[Divergence | None]:
    """Feed the recorded facts to a new core; one result a step, None where it decided the same.

    Raises RecordingError when the file is not a recording.
    """
    with path.open(encoding="utf-8") as lines:
        try:
            header = msgspec.json.decode(next(lines, ""), type=Header)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RecordingError(f"{path} is not a recording: {error}") from error
        if header.format != FORMAT:
            raise RecordingError(f"{path} has format {header.format}, this program reads {FORMAT}")
        core = ConversationCore(
            header.settings,
            id_prefix=header.id_prefix,
            items=header.items,
            older_from=header.older_from,
            recording=header.recording,
        )
        for number, line in enumerate(lines, start=2):
            step = msgspec.json.decode(line, type=Step)
            replayed = [_as_read(_plain(action)) for action in core.step(_fact(step.fact), step.at_ms)]
            same = replayed == step.actions
            yield None if same else Divergence(number, step.at_ms, step.fact["type"], step.actions, replayed)


def _plain(value: facts.Fact | act.Action) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    if isinstance(pcm := getattr(value, "pcm", None), bytes):
        plain["pcm"] = len(pcm)
    return plain


def _as_read(plain: dict[str, Any]) -> dict[str, Any]:
    """As it would come back from the file: tuples are lists there."""
    read: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plain))
    return read


def _fact(plain: dict[str, Any]) -> facts.Fact:
    if isinstance(plain.get("pcm"), int):
        plain = {**plain, "pcm": bytes(plain["pcm"])}
    kind = _FACTS[plain["type"]]
    return msgspec.convert(plain, kind)


_FACTS = {kind.__name__: kind for kind in facts.Fact.__subclasses__()}
