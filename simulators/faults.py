"""What may go wrong at a provider, and when: the switches, their text form, and the plan that decides."""

from collections.abc import Iterable
from random import Random
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct

from simulators.errors import ConfigError

Kind = Literal["refuse", "rate_limit", "server_error", "stall", "hang", "drop", "garbage", "slow_drip"]
Moment = Literal["connect", "accepted", "first", "mid", "idle"]

_USUAL_MOMENT: dict[Kind, Moment] = {
    "refuse": "connect",
    "rate_limit": "connect",
    "server_error": "connect",
    "stall": "accepted",
    "hang": "accepted",
    "drop": "mid",
    "garbage": "first",
    "slow_drip": "first",
}


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    """One switch.

    ``kind``: ``refuse`` (HTTP ``status``, 0: the connection is reset unanswered) · ``rate_limit`` (429 with
    ``retry_after_s``) · ``server_error`` (HTTP ``status``, or in-band once the answer has begun) · ``stall`` (nothing
    more comes, for ``duration_ms`` or for ever) · ``hang`` (the same, and pings go unanswered) · ``drop`` (the
    connection is reset) · ``garbage`` (frames that make no sense, then on as before) · ``slow_drip`` (from here on
    each piece comes ``pause_ms`` after the one before).

    ``moment``: ``connect`` (before any answer) · ``accepted`` (request or socket taken) · ``first`` (before the first
    token, audio or transcript of a turn) · ``mid`` (within a turn) · ``idle`` (after a turn, before the next).

    Each passing of the moment at a matching provider is an opportunity. From the ``nth`` opportunity on (1: the first)
    the fault strikes with ``probability``, at most ``times`` times; with ``nth`` alone, once.
    """

    provider: str
    kind: Kind
    moment: Moment | None = None
    probability: float = 1.0
    nth: int | None = None
    times: int | None = None
    status: int | None = None
    retry_after_s: float | None = None
    duration_ms: float | None = None
    pause_ms: float = 1000.0

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError("probability lies between 0 and 1")
        if self.kind == "refuse" and self.at != "connect":
            raise ValueError("refuse happens at connect")
        if self.kind in ("garbage", "slow_drip") and self.at == "connect":
            raise ValueError(f"{self.kind} needs an accepted connection")

    @property
    def at(self) -> Moment:
        return self.moment or _USUAL_MOMENT[self.kind]


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Read switches separated by ``;``, each ``provider:kind[@moment][,field=value…]``. Raises ConfigError.

    ``cerebras:stall@first,nth=3,duration_ms=800; cartesia-tts:drop,probability=0.05; deepgram:refuse,status=503``
    """
    return tuple(_parse_fault(part.strip()) for part in text.split(";") if part.strip())


def _parse_fault(text: str) -> Fault:
    head, *rest = (part.strip() for part in text.split(","))
    provider, colon, what = head.partition(":")
    kind, _, moment = what.partition("@")
    if not colon:
        raise ConfigError(f"a fault reads provider:kind@moment, not {text!r}")
    if kind not in get_args(Kind):
        raise ConfigError(f"there is no fault {kind!r}; there are: {', '.join(get_args(Kind))}")
    fields: dict[str, Any] = {"provider": provider, "kind": kind}
    if moment:
        fields["moment"] = moment
    for part in rest:
        name, equals, value = part.partition("=")
        if not equals or name in fields:
            raise ConfigError(f"cannot read {part!r} in fault {text!r}")
        fields[name] = value
    return _converted(fields, text)


def _converted(fields: dict[str, Any], text: str) -> Fault:
    try:
        return msgspec.convert(fields, Fault, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"fault {text!r}: {error}") from None


class FaultPlan:
    """Holds the switches that are set and decides, moment by moment, which one strikes."""

    def __init__(self, names: Iterable[str], faults: Iterable[Fault], seed: int) -> None:
        self._names = frozenset(names)
        self._random = Random(f"{seed}/faults")
        self._armed: list[_Armed] = []
        self.replace(faults)

    @property
    def armed(self) -> tuple[tuple[Fault, int], ...]:
        """The switches that are set, each with how often it has struck."""
        return tuple((armed.fault, armed.strikes) for armed in self._armed)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Set exactly these. Counting starts anew. Raises ConfigError for an unknown provider."""
        faults = list(faults)
        for fault in faults:
            if not any(_applies(fault.provider, name) for name in self._names):
                raise ConfigError(f"unknown provider {fault.provider!r}; there are: {', '.join(sorted(self._names))}")
        self._armed = [_Armed(fault) for fault in faults]

    def add(self, faults: Iterable[Fault]) -> None:
        """Set these too, without touching the counts of the others."""
        before = self._armed
        self.replace(faults)
        self._armed = before + self._armed

    def strike(self, provider: str, moment: Moment) -> Fault | None:
        """Call at each passing of a moment: the fault that strikes now, if one does."""
        for armed in self._armed:
            if (
                armed.fault.at == moment
                and _applies(armed.fault.provider, provider)
                and armed.strikes_now(self._random)
            ):
                return armed.fault
        return None


class _Armed:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.opportunities = 0
        self.strikes = 0

    def strikes_now(self, random: Random) -> bool:
        fault = self.fault
        self.opportunities += 1
        if fault.nth is not None and self.opportunities < fault.nth:
            return False
        limit = fault.times if fault.times is not None else (1 if fault.nth is not None else None)
        if limit is not None and self.strikes >= limit:
            return False
        if fault.probability < 1 and random.random() >= fault.probability:
            return False
        self.strikes += 1
        return True


def _applies(pattern: str, name: str) -> bool:
    return pattern in ("*", name) or name.startswith(f"{pattern}-")
