"""Customers: leads that were won, with their conversations, meetings and what is open."""

from datetime import timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct

from agent_server.api.bookings import Booking, shown_booking
from agent_server.api.endpoint import Call, Resource
from agent_server.api.leads import Lead, shown
from agent_server.web.errors import Problem
from storage.conversations.records import ListedConversation
from storage.leads.customers import OpenMatter, open_matters
from storage.leads.records import LeadFilter
from storage.leads.search import search_of
from storage.postgres.cursor import MAX_LIMIT, Page

customers = Resource("customers", "Customers, and what is open with them.")

CONVERSATIONS: Final = 20
MEETINGS: Final = 20
MEETINGS_SINCE: Final = timedelta(days=365)
PERSON_WANTED_SINCE: Final = timedelta(days=30)


class CustomerQuery(Struct, frozen=True):
    """`search` as for leads."""

    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    search: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class Customer(Struct, frozen=True, kw_only=True):
    """`conversations`: the newest twenty · `meetings`: of the last year and to come, the soonest first · `open`: a
    person asked for within the last thirty days (`person_wanted`), an agent that waits for an answer
    (`answer_wanted`)."""

    lead: Lead
    conversations: tuple[ListedConversation, ...]
    meetings: tuple[Booking, ...]
    open: tuple[OpenMatter, ...]


@customers.get("/api/customers", scope="read", summary="List customers, newest first")
async def list_customers(call: Call, query: CustomerQuery) -> Page[Lead]:
    """The leads whose status is `customer`."""
    page = await call.services.leads.list(
        limit=query.limit,
        cursor=query.cursor,
        where=LeadFilter(status="customer"),
        search=search_of(query.search) if query.search is not None else None,
    )
    return Page(items=tuple(map(shown, page.items)), next_cursor=page.next_cursor)


@customers.get("/api/customers/{id}", scope="read", summary="One customer", errors=(404,))
async def get_customer(call: Call) -> Customer:
    """Only read here: a lead becomes a customer, and is changed, under `/api/leads`."""
    services, now = call.services, call.services.utc_now()
    lead = await services.leads.get(call.path_id(_missing()))
    if lead is None or lead.status != "customer":
        raise _missing()
    conversations = await services.conversations.list(limit=CONVERSATIONS, lead_id=lead.id)
    meetings = await services.meetings.bookings.list(earliest=now - MEETINGS_SINCE, lead_id=lead.id, limit=MEETINGS)
    return Customer(
        lead=shown(lead),
        conversations=conversations.items,
        meetings=tuple(map(shown_booking, meetings.items)),
        open=await open_matters(services.database, lead.id, since=now - PERSON_WANTED_SINCE),
    )


def _missing() -> Problem:
    return Problem(404, "customer_not_found", "There is no such customer.", param="id")
