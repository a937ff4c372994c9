"""Questions to a CRM on somebody's behalf: what it answers, and its failures as clients are told of them."""

from collections.abc import Awaitable
from typing import Any, TypeVar

from msgspec import Struct

from agent_server.web.errors import Problem
from crm.contact import CONTACT_FIELDS, Enrichment
from crm.errors import CrmError, Forbidden, GiveUp, NotFound, RateLimited, RetryLater, Unauthorized

T = TypeVar("T")


class EnrichmentReply(Struct, frozen=True):
    """`fields` in the terms of a contact; `data` is what the platform said, sorted."""

    platform: str
    external_id: str | None
    fields: dict[str, str]
    data: dict[str, Any]


def shown_enrichment(found: Enrichment) -> EnrichmentReply:
    values = {name: getattr(found.fields, name) for name in CONTACT_FIELDS}
    known = {name: value for name, value in values.items() if value is not None}
    return EnrichmentReply(found.platform, found.external_id, known, found.data)


async def asked(question: Awaitable[T]) -> T:
    """The answer. Raises Problem: 503 when the platform may answer later, 502 when it refuses us, 422 for values it
    does not take."""
    try:
        return await question
    except CrmError as error:
        raise problem_of_crm(error) from None


def problem_of_crm(error: CrmError) -> Problem:
    match error:
        case RateLimited():
            return Problem(
                503, error.code, "The platform's limit is reached.", retry_after_s=error.retry_after_s or 5.0
            )
        case RetryLater():
            return Problem(
                503, error.code, "The platform does not answer now.", retry_after_s=error.retry_after_s or 5.0
            )
        case Unauthorized() | Forbidden():
            return Problem(502, error.code, "The platform refuses our key; the operator has to look at it.")
        case GiveUp():
            return Problem(502, error.code, "The platform does not do this for us.")
        case NotFound():
            return Problem(404, error.code, "The platform has no such record.")
        case _:
            return Problem(422, error.code, "The platform does not take these values.")
