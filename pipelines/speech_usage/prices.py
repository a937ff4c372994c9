"""Prices of speech: data (``prices.json``, US dollars), each with source and date.

Cartesia charges credits, whose worth depends on the plan: here the dearest that is paid for, the smallest. An operator
on another sets a price of their own.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct


class SpeechPrice(Struct, frozen=True, forbid_unknown_fields=True):
    """``per_minute`` of audio sent to a recogniser, silence too; ``per_million_characters`` given to a voice."""

    provider: str
    kind: Literal["stt", "tts"]
    source: str
    date: str
    per_minute: float = 0.0
    per_million_characters: float = 0.0

    def cost_usd(self, audio_seconds: float, characters: int) -> float:
        return audio_seconds / 60 * self.per_minute + characters / 1_000_000 * self.per_million_characters


@cache
def all_speech_prices() -> tuple[SpeechPrice, ...]:
    """Those that come with the product."""
    data = files("pipelines.speech_usage").joinpath("prices.json").read_bytes()
    return msgspec.json.decode(data, type=tuple[SpeechPrice, ...])


def read_speech_prices(path: Path) -> tuple[SpeechPrice, ...]:
    """The operator's own, in the same form. Raises OSError or ValueError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[SpeechPrice, ...])
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None


class SpeechPriceList:
    """``own`` prices go before those that come with the product."""

    def __init__(self, own: Sequence[SpeechPrice] = ()) -> None:
        self._known = {(price.kind, price.provider): price for price in (*all_speech_prices(), *own)}

    def price_of(self, kind: Literal["stt", "tts"], provider: str) -> SpeechPrice | None:
        """None: not known."""
        return self._known.get((kind, provider))
