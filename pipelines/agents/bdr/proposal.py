"""The words that offer times. Pure, beside the step that lets a model write them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from pipelines.agents.marketing.aims import need_of
from pipelines.agents.model_step import ModelStep
from pipelines.calendar.zones import spoken_zone
from pipelines.playbook.slots import spoken_slot


class Opening(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands before the times, which are never left to a model."""

    opening: Annotated[str, Meta(max_length=400)]


STEP = ModelStep(
    name="propose", task="conversation", prompt="bdr/prompt.md", reply=Opening, most_s=1.2, max_output_tokens=120
)


_REASONS = {
    "taken": "That time has just been taken.",
    "passed": "That time has passed.",
    "too_soon": "That has become too soon.",
    "other_times": "Then another time.",
    "not_free": "Nothing is free then.",
    "other_zone": "Then by your clock.",
    "second": "Then a second one.",
    "unclear": "Sorry, I did not get which time suits you.",
}


def opening_by_rules(lead: dict[str, Any], *, why: str | None, has: str | None = None) -> str:
    """``why``: what became of the times offered before · ``has``: the meeting the lead has already, in words."""
    company, need = lead.get("company_name"), lead.get("need")
    whose = f" with {company}" if company else ""
    wanted = need_of(need) if need and len(need) < 80 else ""
    about = f" about {wanted}" if wanted == need else f" about this: {wanted}" if wanted else ""
    if has is not None:
        return f"{_REASONS.get(why or '', '')} {has}".strip()
    if why is not None:
        return _REASONS.get(why, "")
    return f"I would like to set up a meeting{whose}{about}."


def question(
    opening: str, slots: Sequence[datetime], zone: ZoneInfo, *, is_known: bool = True, moves: bool = False
) -> str:
    """``slots`` in ``zone`` · ``is_known``: it is the lead's, and not the office's for want of better · ``moves``: a
    meeting there is, to one of them."""
    times = [spoken_slot(slot) for slot in slots]
    listed = times[0] if len(times) == 1 else f"{', '.join(times[:-1])} or {times[-1]}"
    first = "" if len(times) == 1 else " A plain yes takes the first."
    wish, rest = ("move it to", " A plain no leaves it as it is.") if moves else ("book", "")
    in_zone = f"{spoken_zone(zone)}." if is_known else f"{spoken_zone(zone)}; tell me if yours is another."
    return f"{opening.strip()} Shall I {wish} {listed}?{first}{rest} Times are {in_zone}"
