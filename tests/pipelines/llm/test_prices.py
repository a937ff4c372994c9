from datetime import UTC, datetime

import pytest

from pipelines.llm.port import Usage
from pipelines.llm.prices import Price, PriceList, all_prices, cost_usd

MONDAY_PEAK = datetime(2026, 11, 16, 2, 30, tzinfo=UTC)
MONDAY_NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
USAGE = Usage(input_tokens=1_000_000, output_tokens=100_000, cached_tokens=600_000)


def test_every_price_has_source_and_date():
    assert all(price.source and price.date >= "2024" for price in all_prices())


@pytest.mark.parametrize(("at", "usd"), [(MONDAY_NOON, 0.1218), (SATURDAY, 0.1218), (MONDAY_PEAK, 0.2436)])
def test_cached_tokens_cost_less_and_peak_hours_more(at, usd):
    price = PriceList().price_of("deepseek", "deepseek-flash")
    assert price is not None
    assert cost_usd(price, USAGE, at) == pytest.approx(usd)


@pytest.mark.parametrize(("written", "usd"), [({}, 0.4 + 0.06 + 0.5), ({"written": 1.25}, 0.4 + 0.05 + 0.06 + 0.5)])
def test_tokens_written_to_a_cache_may_cost_more(written, usd):
    """A quarter more at Anthropic."""
    price = Price(
        "anthropic", "claude", input=1.0, cached=0.1, output=5.0, source="a contract", date="2026-11", **written
    )
    usage = Usage(input_tokens=1_000_000, output_tokens=100_000, cached_tokens=600_000, written_tokens=200_000)
    assert cost_usd(price, usage, MONDAY_NOON) == pytest.approx(usd)


def test_models_without_a_known_price():
    assert PriceList().price_of("cerebras", "qwen-3.8-27b") is None
    assert PriceList().price_of("ollama", "anything").output == 0
