"""What a reply cost. Prices are data (``prices.json``, US dollars per million tokens), each with source and date."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec
from msgspec import Struct

from pipelines.llm.port import Usage

_MILLION = 1_000_000
_FRIDAY = 4


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """Of models of ``provider`` whose name begins with ``model``. ``written``: of input that is written to the
    provider's cache; None: as other input. Peak hours, [from, to) UTC, hold Monday to Friday."""

    provider: str
    model: str
    input: float
    cached: float
    output: float
    source: str
    date: str
    written: float | None = None
    peak_factor: float = 1.0
    peak_hours_utc: tuple[tuple[int, int], ...] = ()

    def factor(self, at: datetime) -> float:
        """``at``: in UTC."""
        is_peak = at.weekday() <= _FRIDAY and any(start <= at.hour < end for start, end in self.peak_hours_utc)
        return self.peak_factor if is_peak else 1.0


@cache
def all_prices() -> tuple[Price, ...]:
    """Those that come with the product."""
    data = files("pipelines.llm").joinpath("prices.json").read_bytes()
    return msgspec.json.decode(data, type=tuple[Price, ...])


def read_prices(path: Path) -> tuple[Price, ...]:
    """The operator's own, in the same form. Raises OSError or ValueError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Price, ...])
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None


class PriceList:
    """``own`` prices go before those that come with the product."""

    def __init__(self, own: Sequence[Price] = ()) -> None:
        self._lists = (tuple(own), all_prices())
        self._known: dict[tuple[str, str], Price | None] = {}

    def price_of(self, provider: str, model: str) -> Price | None:
        """The price with the longest name that fits; None: not known."""
        key = (provider, model)
        if key not in self._known:
            found = (_longest(prices, provider, model) for prices in self._lists)
            self._known[key] = next((price for price in found if price is not None), None)
        return self._known[key]


def _longest(prices: Sequence[Price], provider: str, model: str) -> Price | None:
    fitting = [price for price in prices if price.provider == provider and model.startswith(price.model)]
    return max(fitting, key=lambda price: len(price.model), default=None)


def cost_usd(price: Price, usage: Usage, at: datetime) -> float:
    """Cached and written tokens are part of the input tokens."""
    plain = usage.input_tokens - usage.cached_tokens - usage.written_tokens
    written = price.input if price.written is None else price.written
    millionths = plain * price.input + usage.cached_tokens * price.cached + usage.written_tokens * written
    millionths += usage.output_tokens * price.output
    return millionths / _MILLION * price.factor(at)


def blended(price: Price | None) -> float | None:
    """One figure to compare models by, US dollars per million tokens: three of input to one of output."""
    return None if price is None else (3 * price.input + price.output) / 4
