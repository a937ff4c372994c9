"""The messages of a campaign: read, changed, approved, taken along as a file."""

import asyncio
import csv
import io
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from msgspec import UNSET

from agent_server.api.campaign_forms import (
    Approved,
    Campaign,
    CampaignMessage,
    ExportQuery,
    MessageChanges,
    MessageQuery,
    StepQuery,
    campaign_of,
    id_of,
    shown_message,
)
from agent_server.api.endpoint import Call, Resource
from agent_server.campaigns.unsubscribing import UnsubscribeLinks
from agent_server.web.errors import Problem
from storage.campaigns.messages import MessageRow
from storage.postgres.cursor import MAX_LIMIT, Page

campaign_messages = Resource("campaigns", "The messages of a campaign.")


def require_approver(call: Call, campaign: Campaign) -> None:
    """Raises Problem (403) where nobody stands between the approval and the recipient, and this key may not send."""
    if campaign.send:
        call.key_holder.require("send")


@campaign_messages.get("/api/campaigns/{id}/messages", scope="read", summary="A campaign's messages", errors=(404,))
async def list_messages(call: Call, query: MessageQuery) -> Page[CampaignMessage]:
    campaign = await campaign_of(call, id_of(call))
    page = await call.services.campaigns.messages.messages(
        campaign.id, status=query.status, limit=query.limit, cursor=query.cursor
    )
    return Page(items=tuple(map(shown_message, page.items)), next_cursor=page.next_cursor)


@campaign_messages.patch(
    "/api/campaigns/{id}/messages/{lead_id}", scope="write", summary="Change or approve a message", errors=(404, 409)
)
async def change_message(call: Call, query: StepQuery, body: MessageChanges) -> CampaignMessage:
    """One whose lead has opted out since is skipped, and is not approved. To approve what the CRM is to send takes the
    right to `send`; without it, new words make an approved message a draft again."""
    campaign_id, lead_id = id_of(call), call.path_id(_no_message(), "lead_id")
    campaign = await campaign_of(call, campaign_id)
    if body.status == "approved":
        require_approver(call, campaign)
    kept = call.services.campaigns.messages
    changed = await kept.change_message(
        campaign_id,
        lead_id,
        query.step,
        subject=None if body.subject is UNSET else body.subject.strip(),
        body=None if body.body is UNSET else body.body.strip(),
        status=None if body.status is UNSET else body.status,
        approved_by=call.key_holder.key_id,
        may_approve=not campaign.send or call.key_holder.allows("send"),
        now=call.services.utc_now(),
    )
    message = await kept.message(campaign_id, lead_id, query.step)
    if message is None:
        raise _no_message()
    if not changed:
        raise Problem(409, "message_not_written", f"The message is {message.status}: there is nothing to change.")
    return shown_message(message)


@campaign_messages.post("/api/campaigns/{id}/approve", scope="write", summary="Approve all drafts", errors=(404,))
async def approve_messages(call: Call) -> Approved:
    """But those that were rejected, what was to follow them, and those whose lead is `in_touch`, or has opted out or
    unsubscribed since. To approve what the CRM is to send takes the right to `send`."""
    campaign = await campaign_of(call, id_of(call))
    require_approver(call, campaign)
    now = call.services.utc_now()
    kept = call.services.campaigns.messages
    return Approved(await kept.approve(campaign.id, approved_by=call.key_holder.key_id, now=now))


@campaign_messages.get(
    "/api/campaigns/{id}/export.csv",
    scope="read",
    summary="The approved messages as a CSV file",
    produces="text/csv",
    errors=(404,),
)
async def export_messages(call: Call, query: ExportQuery) -> web.Response:
    """For a mail program that sends them instead of the CRM. Nobody is in it who has opted out, withdrawn consent or
    unsubscribed by now, is not interested, bounced, or was erased; nor who is `in_touch`, until their message alone is
    approved. With PUBLIC_URL set, `unsubscribe_url` is each one's
    own link, for `List-Unsubscribe` with `List-Unsubscribe-Post` (RFC 8058)."""
    campaign = await campaign_of(call, id_of(call))
    kept = call.services.campaigns.messages
    messages: list[MessageRow] = []
    cursor: str | None = None
    while True:
        page = await kept.messages(campaign.id, status=query.status, limit=MAX_LIMIT, cursor=cursor)
        messages += await _still_wanted(call, page.items)
        cursor = page.next_cursor
        if cursor is None:
            break
    gone = await call.services.calls.suppressed.erased.among(
        [("email", message.contact_email) for message in messages if message.contact_email]
    )
    messages = [message for message in messages if ("email", message.contact_email) not in gone]
    return web.Response(
        body=await asyncio.to_thread(_csv, messages, call.services.crm.unsubscribing),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="campaign.csv"',
            "Cache-Control": "no-store",
        },
    )


async def _still_wanted(call: Call, messages: Sequence[MessageRow]) -> list[MessageRow]:
    """To leads who may be written to, as they are by now."""
    leads = [*(await call.services.leads.of_ids([message.lead_id for message in messages])).values()]
    reasons = await call.services.campaigns.why_left_out(leads)
    wanted = {lead.id for lead, reason in zip(leads, reasons, strict=True) if reason is None}
    kept, now = call.services.campaigns.messages, call.services.utc_now()
    in_touch = await kept.in_touch([message.id for message in messages], now=now)
    return [message for message in messages if message.lead_id in wanted and message.id not in in_touch]


def _no_message() -> Problem:
    return Problem(404, "message_not_found", "There is no such message.", param="lead_id")


_COLUMNS: Final = ("email", "name", "company", "subject", "body", "lead_id", "step", "unsubscribe_url")


def _csv(messages: list[MessageRow], links: UnsubscribeLinks) -> bytes:
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(_COLUMNS)
    for row in messages:
        cells: tuple[Any, ...] = (row.contact_email, row.contact_name, row.company_name, row.subject, row.body)
        url = links.url(links.token(row.id, row.contact_email)) if links.base_url and row.contact_email else ""
        rows.writerow([*(_cell(cell or "") for cell in cells), row.lead_id, row.step, url])
    return file.getvalue().encode()


def _cell(text: str) -> str:
    """One that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
