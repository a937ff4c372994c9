"""What a person beside a conversation asks of it, and what they are told; as it also goes from process to process."""

from typing import Literal

from msgspec import Struct

Speaker = Literal["caller", "agent", "operator", "thinking", "nobody"]
Heeder = Literal["model", "playbook"]


class Command(Struct, frozen=True, tag=True):
    """Base. ``lease``: of who has taken the conversation over, where it is they who ask."""


class Follow(Command, frozen=True):
    """Tell what happens, for a while from now on."""


class Listen(Command, frozen=True):
    """Give the sound, for a while from now on; not to ``begin``: say whether that is allowed."""

    begin: bool = True


class TakeOver(Command, frozen=True):
    lease: str
    name: str


class Hold(Command, frozen=True):
    lease: str


class Release(Command, frozen=True):
    lease: str


class Say(Command, frozen=True):
    """``act_id``: as it is on record; asked twice, it is done once."""

    text: str
    interrupt: bool = False
    lease: str | None = None
    act_id: str = ""


class Whisper(Command, frozen=True):
    text: str


class End(Command, frozen=True):
    farewell: str = ""
    lease: str | None = None


AnyCommand = Follow | Listen | TakeOver | Hold | Release | Say | Whisper | End


class Standing(Struct, frozen=True, kw_only=True):
    """How a conversation stands. ``operator``: the name of who has taken it over. ``whispers_go_to``: who answers, a
    model that follows orders or the playbook, which cannot."""

    channel: str
    speaking: Speaker
    operator: str | None
    whispers_go_to: Heeder


class Outcome(Struct, frozen=True, kw_only=True):
    """``code``: why it was refused. ``stream`` and ``number``: where what happens is told, and how far it was."""

    standing: Standing
    code: str | None = None
    message: str = ""
    stream: str = ""
    number: int = 0
