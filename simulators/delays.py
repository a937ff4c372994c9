"""How long the simulated providers take, and how fast they go: named distributions, drawn from a seed.

A value is named ``<provider>.<what>``, its unit at the end of the name, as in ``cerebras.first_token_ms``.
"""

import re
from collections.abc import Iterable, Mapping
from math import exp
from random import Random
from statistics import NormalDist

from msgspec import Struct

from simulators.errors import ConfigError

_STANDARD_NORMAL = NormalDist()
_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?):(-?\d+(?:\.\d+)?)")


class Constant(Struct, frozen=True, tag="constant"):
    """Always the same value."""

    value: float


class Normal(Struct, frozen=True, tag="normal"):
    """Normally distributed, cut off at zero."""

    mean: float
    deviation: float


class Lognormal(Struct, frozen=True, tag="lognormal"):
    """``median * exp(sigma * z)``, the usual shape of service times: never negative, with a long tail."""

    median: float
    sigma: float


class Percentiles(Struct, frozen=True, tag="percentiles"):
    """A measured distribution: (percentile 0-100, value) points, straight lines in between, flat outside."""

    points: tuple[tuple[float, float], ...]


Distribution = Constant | Normal | Lognormal | Percentiles


def value_at(distribution: Distribution, fraction: float) -> float:
    """The value below which ``fraction`` (0 < fraction < 1) of the draws lie."""
    match distribution:
        case Constant(value):
            return value
        case Normal(mean, deviation):
            return max(0.0, mean + deviation * _STANDARD_NORMAL.inv_cdf(fraction))
        case Lognormal(median, sigma):
            return median * exp(sigma * _STANDARD_NORMAL.inv_cdf(fraction))
        case Percentiles(points):
            return _between(points, fraction * 100)


def _between(points: tuple[tuple[float, float], ...], percentile: float) -> float:
    low = points[0]
    for high in points:
        if percentile <= high[0]:
            span = high[0] - low[0]
            return high[1] if span <= 0 else low[1] + (high[1] - low[1]) * (percentile - low[0]) / span
        low = high
    return low[1]


def parse_distribution(text: str) -> Distribution:
    """Read ``150``, ``normal:150,20``, ``lognormal:150,0.3`` or ``p5:120,p50:150,p99:900``. Raises ConfigError."""
    text = text.strip()
    try:
        if text.startswith("normal:"):
            mean, deviation = text.removeprefix("normal:").split(",")
            return Normal(float(mean), float(deviation))
        if text.startswith("lognormal:"):
            median, sigma = text.removeprefix("lognormal:").split(",")
            return Lognormal(float(median), float(sigma))
        if text.startswith("p"):
            return _percentiles(text)
        return Constant(float(text))
    except ValueError:
        raise ConfigError(f"not a distribution: {text!r}") from None


def _percentiles(text: str) -> Percentiles:
    points = []
    for part in text.split(","):
        point = _PERCENTILE.fullmatch(part.strip())
        if point is None:
            raise ValueError(part)
        points.append((float(point[1]), float(point[2])))
    if sorted(points) != points or [value for _, value in points] != sorted(value for _, value in points):
        raise ConfigError(f"percentiles must rise: {text!r}")
    if not 0 <= points[0][0] <= points[-1][0] <= 100:
        raise ConfigError(f"percentiles lie between 0 and 100: {text!r}")
    return Percentiles(tuple(points))


def parse_delays(text: str) -> dict[str, Distribution]:
    """Read ``name=distribution`` entries separated by ``;``. Raises ConfigError."""
    delays: dict[str, Distribution] = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = entry.partition("=")
        if not equals or "." not in name:
            raise ConfigError(f"a delay reads provider.what=distribution, not {entry!r}")
        delays[name.strip()] = parse_distribution(value)
    return delays


class Delays:
    """Draws values by name. Each name has its own sequence, so that one provider's calls do not shift another's."""

    def __init__(self, defaults: Mapping[str, Distribution], overrides: Mapping[str, Distribution], seed: int) -> None:
        self._defaults = dict(defaults)
        self._seed = seed
        self._random: dict[str, Random] = {}
        self._current: dict[str, Distribution] = {}
        self.override(overrides)

    def override(self, overrides: Mapping[str, Distribution]) -> None:
        """Take these instead of the defaults; ``*.what`` means every provider that has it. Raises ConfigError."""
        current = dict(self._defaults)
        for name in sorted(overrides, key=lambda name: not name.startswith("*")):
            matching = list(_matching(name, self._defaults))
            if not matching:
                raise ConfigError(f"unknown delay {name!r}; there are: {', '.join(sorted(self._defaults))}")
            current.update(dict.fromkeys(matching, overrides[name]))
        self._current = current

    @property
    def current(self) -> Mapping[str, Distribution]:
        return self._current

    def draw(self, provider: str, what: str) -> float:
        """The next value of ``provider.what``, in the unit its name ends with."""
        name = f"{provider}.{what}"
        distribution = self._current[name]
        if isinstance(distribution, Constant):
            return distribution.value
        random = self._random.get(name)
        if random is None:
            random = self._random[name] = Random(f"{self._seed}/{name}")
        return value_at(distribution, min(max(random.random(), 1e-9), 1 - 1e-9))


def _matching(name: str, known: Iterable[str]) -> Iterable[str]:
    provider, _, what = name.partition(".")
    return (other for other in known if other == name or (provider == "*" and other.partition(".")[2] == what))
