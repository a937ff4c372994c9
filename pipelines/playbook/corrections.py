"""Which number a correction is about: "no, fifty, not fifteen"; and how a name is put right."""

import re
from typing import Any, Final

from pipelines.playbook.extract.money import find_money, spoken_money
from pipelines.playbook.extract.spelling import respelled
from pipelines.playbook.facts import Facts
from pipelines.playbook.qualification import kept_numbers
from pipelines.playbook.understanding import Understanding


def corrected_number(known: Facts, latest: Understanding, last_told: str | None, *, size_asked: bool) -> dict[str, Any]:
    """The facts that a corrected number changes; None for the one it must not be taken for.

    "No, fifty, not fifteen" corrects the fifteen, "no, fifty" the number told last (``last_told``, a field of Facts),
    whatever came since. ``size_asked``: a number of people may be the answer, rather than the correction.
    """
    if not (latest.taken_back or latest.says("corrects")):
        return {}
    numbers, _ = kept_numbers(latest.text)
    if not numbers:
        return {}
    if known.team_size is not None and known.team_size in latest.taken_back:
        return {"team_size": int(numbers[0].value), "budget": None}
    plainly_people = latest.facts.team_size is not None and not size_asked
    if last_told == "team_size" and find_money(latest.text) is None and not plainly_people:
        return {"team_size": int(numbers[0].value), "budget": None}
    money = find_money(latest.text, bare=True)
    if last_told == "budget" and money is not None and not plainly_people:
        before = known.budget or ""
        period = before[before.index(" a ") :] if " a " in before and money.period is None else ""
        return {"budget": f"{spoken_money(money)}{period}", "team_size": None}
    return {}


_NOT_THIS: Final = re.compile(
    r"\bnot (\w+)\b\W*(?:but |it['\u2019]?s |it is |just )?(\w+)\b(?! \w+ly\b)", re.IGNORECASE
)


def corrected_name(known: str | None, text: str) -> str | None:
    """The name as it is put right: "not John, Jon without h", "J-O-N", "Smith with a y"; None: nothing is. The two begin
    alike, and one of them is what was understood."""
    if known is not None and (right := respelled(known, text)) is not None:
        return right
    found = _NOT_THIS.search(text)
    first, _, rest = (known or "").partition(" ")
    if found is None or found[1][:1].lower() != found[2][:1].lower():
        return None
    if first.lower() not in (found[1].lower(), found[2].lower()):
        return None
    return f"{found[2][:1].upper()}{found[2][1:]} {rest}".strip()
