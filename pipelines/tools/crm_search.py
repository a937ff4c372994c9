"""``search_crm``: whether somebody is known already.

Whoever talks may claim to be anybody, so in a conversation it tells of the caller alone, and only where the line says
who that is: not whether an address or a name is on record. It finds one person that is named, never a list, and tells
what places them: no address and no number that was not given.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, structs

from crm.client import LIVE
from crm.contact import ContactQuery, RemoteContact
from crm.errors import CrmError
from crm.provider import Provider
from pipelines.tools.arguments import Arguments, typed_tool
from pipelines.tools.port import Tool, ToolContext, ToolError, ToolPolicy
from pipelines.tools.retrieved import retrieved
from storage import email_address

MOST = 3
_SHOWN = ("first_name", "last_name", "company", "title")


EmailsOf = Callable[[UUID], Awaitable[frozenset[str]]]
"""All e-mail addresses of a lead."""

_NOT_KNOWN = "The line does not say who calls, and who names an address is told nothing of it: ask them instead."


class SearchCrm(Arguments, frozen=True, kw_only=True):
    email: Annotated[str, Meta(description="The person's e-mail address.", max_length=254)] | UnsetType = UNSET
    name: (
        Annotated[str, Meta(description="First and last name, when there is no address.", max_length=120)] | UnsetType
    ) = UNSET


def search_crm(crm: Provider, emails_of: EmailsOf) -> Tool:
    """Results: ``contacts``, at most three, with names, ``company`` and ``title``; none: nobody of that name. Raises
    ToolError ``caller_not_identified`` in a conversation whose line does not say who calls."""

    async def run(asked: SearchCrm, context: ToolContext) -> dict[str, Any]:
        query = _query(asked)
        if context.conversation_id is not None and context.lead_id is None:
            raise ToolError("caller_not_identified", _NOT_KNOWN)
        try:
            found = await crm.find_contacts(query, structs.replace(LIVE, deadline_s=4.0))
        except CrmError as error:
            raise ToolError(error.code, "The CRM could not be asked just now.", retryable=True) from error
        if context.conversation_id is not None and context.lead_id is not None:
            theirs = await emails_of(context.lead_id)
            found = tuple(contact for contact in found if theirs & _emails(contact))
        return retrieved(crm.platform, contacts=[_shown(contact) for contact in found[:MOST]])

    return typed_tool(
        "search_crm",
        "See whether the caller is known to us already, by their e-mail address or their full name.",
        SearchCrm,
        run,
        ToolPolicy(deadline_s=5.0, filler="One moment.", on_interruption="cancel", retrieves=True),
    )


def _query(asked: SearchCrm) -> ContactQuery:
    if asked.email is not UNSET:
        address = email_address.normalised(asked.email)
        if address is None:
            raise ToolError("invalid_arguments", "That is no e-mail address.")
        return ContactQuery(emails=(address,), limit=MOST)
    words = asked.name.split() if asked.name is not UNSET else []
    if len(words) < 2 or any(len(word) < 2 for word in words):
        raise ToolError("invalid_arguments", "Give an e-mail address, or a first and a last name.")
    return ContactQuery(text=" ".join(words), limit=MOST)


def _emails(contact: RemoteContact) -> set[str | None]:
    return {contact.fields.email, *(contact.fields.further_emails or ())}


def _shown(contact: RemoteContact) -> dict[str, str]:
    values = {name: getattr(contact.fields, name) for name in _SHOWN}
    return {name: value for name, value in values.items() if value}
