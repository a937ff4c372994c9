"""Amounts of money, with what they are per: "$500", "about 5k a month", "ten grand"."""

import re
from typing import Final, Literal

from msgspec import Struct

from pipelines.playbook.extract.numbers import Number, find_numbers

Period = Literal["month", "year", "quarter", "week"]


class Money(Struct, frozen=True):
    """An amount; of a range the upper end. ``currency`` is a symbol, "$" when none was named."""

    amount: float
    currency: str = "$"
    period: Period | None = None


_CURRENCY_BEFORE: Final = re.compile(r"([$€£])\s*$")
_CURRENCY_AFTER: Final = re.compile(r"\s*(?:(dollars?|bucks|usd)|(euros?|eur|€)|(pounds?|quid|gbp|£))\b")
_PERIOD: Final = re.compile(
    r"(?:\s+(?:dollars?|bucks|euros?|pounds?|quid|usd|eur|gbp|or so|tops|max|maximum|at most))*\s*(?:/|(?:a|an|per|each"
    r"|every)\s+)(month|mo|year|yr|annum|quarter|week)\b|\s*(?:[a-z]+\s+)?(monthly|yearly|annually|quarterly|weekly)\b"
)
_PERIODS: Final[dict[str, Period]] = {
    "month": "month", "mo": "month", "monthly": "month", "year": "year", "yr": "year", "annum": "year",
    "yearly": "year", "annually": "year", "quarter": "quarter", "quarterly": "quarter",
    "week": "week", "weekly": "week",
}  # fmt: skip
_MONEY_SHAPED: Final = re.compile(r"\d\s*k\b|\b(?:grand|k)\s*$")
_COUNTED: Final = re.compile(
    r"\s*(?:people|reps?|persons?|users?|seats?|employees|agents?|folks|guys|staff|calls?|leads?|am|pm|o'?clock|%"
    r"|percent|dials?|conversations|meetings?|appointments?|customers|clients|e?mails|messages|texts|patients|listings|tickets"
    r"|orders|locations?|stores?|offices|branches|deals|prospects|contacts|[a-z]+ a day|weeks?|months?|days?|years?|minutes?|hours?|of us|salespeople|sales)\b"
)
_RANGE: Final = re.compile(r"^\s*(?:-|to|and|or)\s*[$€£]?\s*$")


def find_money(text: str, *, bare: bool = False) -> Money | None:
    """The amount of money in a text. ``bare``: a number alone is money too, because money was asked for."""
    lowered = text.lower()
    numbers = find_numbers(text)
    for place, number in enumerate(numbers):
        upper = number
        following = numbers[place + 1] if place + 1 < len(numbers) else None
        if following is not None and _RANGE.match(lowered[number.end : following.start]):
            upper = following
        money = _money(lowered, number, upper, bare=bare)
        if money is not None:
            return money
    return None


def _money(lowered: str, lower: Number, upper: Number, *, bare: bool) -> Money | None:
    symbol = _CURRENCY_BEFORE.search(lowered[max(0, lower.start - 4) : lower.start])
    symbol = symbol or _CURRENCY_BEFORE.search(lowered[max(0, upper.start - 4) : upper.start])
    named = _CURRENCY_AFTER.match(lowered, upper.end)
    period = _PERIOD.match(lowered, upper.end)
    counted = _COUNTED.match(lowered, upper.end) is not None
    shaped = _MONEY_SHAPED.search(lowered[lower.start : upper.end]) is not None and not counted
    if not (symbol or named or shaped or (period and upper.value >= 20) or (bare and not counted)):
        return None
    currency = symbol[1] if symbol else "€" if named and named[2] else "£" if named and named[3] else "$"
    word = (period[1] or period[2]) if period else None
    return Money(upper.value, currency, _PERIODS[word] if word else None)


def spoken_money(money: Money) -> str:
    """The amount as one says it: "5,000 dollars a month"."""
    unit = {"$": "dollars", "€": "euros", "£": "pounds"}[money.currency]
    figure = f"{money.amount:,.0f}" if money.amount == int(money.amount) else f"{money.amount:,.2f}"
    return f"{figure} {unit} a {money.period}" if money.period else f"{figure} {unit}"
