"""Who is in the demo: people, what they say and by which door, and companies to write to. All of it made up: numbers
that no telephone has (555-01xx), domains that nobody can own (example.com)."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from agent_server.cli.outcome import CommandError

Door = Literal["widget", "api", "phone", "terminal"]
"""By which somebody comes: typed on a page, typed through a program, by telephone, typed in a terminal."""

Pause = Annotated[float, Meta(ge=0, le=120)]


class Line(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``breaks_in``: said while the agent still speaks. ``keys``: pressed instead. ``stays_s``: for so long the person
    waits afterwards for somebody, before going on."""

    text: str = ""
    breaks_in: bool = False
    stays_s: Pause = 0.0


class Visit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One conversation, from who comes to what they say. ``id`` names it in tests. ``number``: the telephone's; with it
    or with ``email`` somebody is known. ``opening``: it is one of those that the day begins with. ``again``: of one who
    was there before."""

    id: str
    name: str
    door: Door
    lines: tuple[Line, ...]
    number: str | None = None
    email: str | None = None
    voice: str | None = None
    opening: bool = False
    again: bool = False

    def spoken(self) -> tuple[tuple[str, str], ...]:
        """What is said aloud, each line once with its voice."""
        said = [(line.text, self.voice or DEFAULT_VOICE) for line in self.lines if line.text]
        return tuple(dict.fromkeys(said))


class Cast(Struct, frozen=True, forbid_unknown_fields=True):
    visits: tuple[Visit, ...]

    def opening(self) -> tuple[Visit, ...]:
        """Those that the day begins with, in their order."""
        return tuple(visit for visit in self.visits if visit.opening)

    def callers(self) -> tuple[Visit, ...]:
        """Those who come one after the other from then on."""
        return tuple(visit for visit in self.visits if not visit.opening)


DEFAULT_VOICE: Final = "echo"


def load_cast(file: Path | None = None) -> Cast:
    """The demo's own people, or those of a file of the same form. Raises CommandError."""
    try:
        data = read("cast.json") if file is None else file.read_bytes()
        cast = msgspec.json.decode(data, type=Cast)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise CommandError(f"{file} is no cast: {error}.") from error
    without = next((visit.id for visit in cast.visits if visit.door == "phone" and visit.number is None), None)
    if without is not None:
        raise CommandError(f"{file} is no cast: who telephones needs a number, and {without} has none.")
    return cast


def read(name: str) -> bytes:
    """A file of the demo's."""
    return files("agent_server.cli.showing").joinpath(name).read_bytes()
