"""``search_crm``: whether somebody is known already.

Whoever talks may claim to be anybody, so it finds one person that is named, never a list, and tells what places them:
no address and no number that was not given.
"""

from typing import Annotated, Any

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


class SearchCrm(Arguments, frozen=True, kw_only=True):
    email: Annotated[str, Meta(description="The person's e-mail address.", max_length=254)] | UnsetType = UNSET
    name: (
        Annotated[str, Meta(description="First and last name, when there is no address.", max_length=120)] | UnsetType
    ) = UNSET


def search_crm(crm: Provider) -> Tool:
    """Results: ``contacts``, at most three, with names, ``company`` and ``title``; none: nobody of that name."""

    async def run(asked: SearchCrm, _context: ToolContext) -> dict[str, Any]:
        try:
            found = await crm.find_contacts(_query(asked), structs.replace(LIVE, deadline_s=4.0))
        except CrmError as error:
            raise ToolError(error.code, "The CRM could not be asked just now.", retryable=True) from error
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


def _shown(contact: RemoteContact) -> dict[str, str]:
    values = {name: getattr(contact.fields, name) for name in _SHOWN}
    return {name: value for name, value in values.items() if value}
