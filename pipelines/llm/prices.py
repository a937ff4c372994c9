"""What a reply cost. Prices are data (``prices.json``, US dollars per million tokens), each with source and date."""

from datetime import datetime
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from pipelines.llm.port import Usage

_MILLION = 1_000_000
_FRIDAY = 4


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """Of models of ``provider`` whose name begins with ``model``. Peak hours, [from, to) UTC, hold Monday to Friday."""

    provider: str
    model: str
    input: float
    cached: float
    output: float
    source: str
    date: str
    peak_factor: float = 1.0
    peak_hours_utc: tuple[tuple[int, int], ...] = ()

    def factor(self, at: datetime) -> float:
        """``at``: in UTC."""
        is_peak = at.weekday() <= _FRIDAY and any(start <= at.hour < end for start, end in self.peak_hours_utc)
        return self.peak_factor if is_peak else 1.0


@cache
def all_prices() -> tuple[Price, ...]:
    data = files("pipelines.llm").joinpath("prices.json").read_bytes()
    return msgspec.json.decode(data, type=tuple[Price, ...])


def price_of(provider: str, model: str) -> Price | None:
    """The price with the longest name that fits; None: not known."""
    fitting = [price for price in all_prices() if price.provider == provider and model.startswith(price.model)]
    return max(fitting, key=lambda price: len(price.model), default=None)


def cost_usd(price: Price, usage: Usage, at: datetime) -> float:
    """Cached tokens are part of the input tokens."""
    uncached = usage.input_tokens - usage.cached_tokens
    millionths = uncached * price.input + usage.cached_tokens * price.cached + usage.output_tokens * price.output
    return millionths / _MILLION * price.factor(at)
