"""People without end, each with something to say, put together from names, trades and sentences. Pure, and seeded."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from random import Random
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from agent_server.cli.showing.cast import Door, Line, Pause, Visit, read

_FIRST_NUMBER: Final = 152
"""Of the hundred that each area has for fiction; those before are the cast's."""

_LAST_NUMBER: Final = 189


class Saying(Struct, frozen=True, forbid_unknown_fields=True):
    """One line, in any of these words: ``{need}`` and the like are the person's own. ``stays_s`` as in ``Line``."""

    any: tuple[str, ...]
    stays_s: Pause = 0.0


class Talk(Struct, frozen=True, forbid_unknown_fields=True):
    """``doors``: by which it is held, each as likely as it is named. ``often``: how likely, beside the others."""

    id: str
    doors: tuple[Door, ...]
    lines: tuple[Saying, ...]
    often: Annotated[int, Meta(ge=1)] = 1


class Trade(Struct, frozen=True, forbid_unknown_fields=True):
    company: str
    domain: str
    industry: str
    titles: tuple[str, ...]


class Area(Struct, frozen=True, forbid_unknown_fields=True):
    codes: tuple[str, ...]
    time_zone: str


class Sources(Struct, frozen=True, forbid_unknown_fields=True):
    """What people are put together from. ``talks`` are theirs who come, ``answered`` theirs who are called."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    trades: tuple[Trade, ...]
    areas: tuple[Area, ...]
    voices: tuple[str, ...]
    sizes: tuple[str, ...]
    budgets: tuple[str, ...]
    needs: tuple[str, ...]
    talks: tuple[Talk, ...]
    answered: tuple[Talk, ...]


class Person(Struct, frozen=True, kw_only=True):
    name: str
    company: str
    industry: str
    title: str
    email: str
    number: str
    time_zone: str
    voice: str
    size: str
    need: str
    budget: str


@cache
def sources() -> Sources:
    return msgspec.json.decode(read("crowd.json"), type=Sources)


class Crowd:
    """The same seed is the same crowd. Hundreds come before a name or a number does again."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - an order, no secret
        self._people = self._without_end()

    def person(self) -> Person:
        return next(self._people)

    def visit(self, person: Person, talks: Sequence[Talk]) -> Visit:
        """One conversation of theirs."""
        talk = self._random.choices(talks, [each.often for each in talks])[0]
        door = self._random.choice(talk.doors)
        return Visit(
            id=f"{talk.id} {person.number}",
            name=person.name,
            door=door,
            lines=tuple(self._line(saying, person, door) for saying in talk.lines),
            number=person.number if door == "phone" else None,
            voice=person.voice if door == "phone" else None,
        )

    def visits(self) -> Iterator[Visit]:
        """Of one stranger after the other, without end."""
        while True:
            yield self.visit(self.person(), sources().talks)

    def _line(self, saying: Saying, person: Person, door: Door) -> Line:
        words = self._random.choice(saying.any).format(**msgspec.structs.asdict(person))
        spoken = words.replace(", ", " ") if door == "phone" else words
        return Line(spoken[0].upper() + spoken[1:] if "@" not in spoken else spoken, stays_s=saying.stays_s)

    def _without_end(self) -> Iterator[Person]:
        known = sources()
        ends = range(_FIRST_NUMBER, _LAST_NUMBER + 1)
        numbers = [
            (f"+1{code}5550{end}", area.time_zone) for area in known.areas for code in area.codes for end in ends
        ]
        while True:
            names = self._random.sample(list(product(known.first_names, known.last_names)), len(numbers))
            for (first, last), (number, time_zone) in zip(
                names, self._random.sample(numbers, len(numbers)), strict=True
            ):
                yield self._made(first, last, number, time_zone)

    def _made(self, first: str, last: str, number: str, time_zone: str) -> Person:
        known = sources()
        trade = self._random.choice(known.trades)
        return Person(
            name=f"{first} {last}",
            company=trade.company.format(last=last),
            industry=trade.industry,
            title=self._random.choice(trade.titles),
            email=f"{first}@{trade.domain.format(last=last)}.example.com".lower(),
            number=number,
            time_zone=time_zone,
            voice=self._random.choice(known.voices),
            size=self._random.choice(known.sizes),
            need=self._random.choice(known.needs),
            budget=self._random.choice(known.budgets),
        )
