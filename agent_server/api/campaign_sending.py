"""A campaign goes out, and what came of it."""

from msgspec import Struct

from agent_server.api.campaign_forms import Campaign, campaign_of, id_of, no_campaign
from agent_server.api.campaign_messages import require_approver
from agent_server.api.endpoint import Call, Resource
from agent_server.campaigns.comparing import rate_of, winner_of
from agent_server.campaigns.terms import missing
from agent_server.web.errors import Problem
from storage.campaigns.mails import Sending
from storage.campaigns.results import DayResults, VariantResults

campaign_sending = Resource("campaigns", "A campaign goes out, and what came of it.")

_PLATFORM = "close"


class Variant(Struct, frozen=True):
    """`people` were sent a first message with this subject, or one of its kind. `reply_rate` is a part of 1; with so
    many people the true one lies between `reply_rate_low` and `reply_rate_high` (95 %)."""

    variant: int
    subject: str | None
    people: int
    replied: int
    booked: int
    unsubscribed: int
    reply_rate: float
    reply_rate_low: float
    reply_rate_high: float


class CampaignFigures(Struct, frozen=True):
    """`days` in UTC, those without anything left out: messages `sent`, and people who for the first time `replied`,
    `booked`, `unsubscribed`, or whose address `bounced`. `winner`: the variant that was answered more beyond chance;
    null: nobody knows (yet)."""

    days: tuple[DayResults, ...]
    variants: tuple[Variant, ...]
    winner: int | None


@campaign_sending.post(
    "/api/campaigns/{id}/send", scope="write", summary="Let what is approved go out", errors=(403, 404, 409)
)
async def send_campaign(call: Call) -> Campaign:
    """Also after a pause; what is approved later follows. Into Close, as drafts there or sent from there (`send`, which
    takes the right to), at the campaign's pace, within recipients' working hours, each message once whatever dies when.
    Who answers, books, unsubscribes or bounces gets no more."""
    campaign = await campaign_of(call, id_of(call))
    require_approver(call, campaign)
    lacking = missing(call.services.settings, send=campaign.send)
    if lacking:
        message = f"A campaign goes out with a sender's address and a way out of it alone: set {' and '.join(lacking)}."
        raise Problem(409, "campaign_not_lawful", message)
    if not await call.services.crm.crm.is_set_up(_PLATFORM):
        message = "It goes out through Close, which is not connected: set CLOSE_API_KEY, or store a key."
        raise Problem(409, "crm_not_connected", message)
    if campaign.status in ("draft", "cancelled"):
        raise Problem(409, "campaign_state", f"A campaign that is {campaign.status} cannot be sent.")
    return await _moved(call, "on")


@campaign_sending.post(
    "/api/campaigns/{id}/send/pause", scope="write", summary="Hold back what is approved", errors=(404, 409)
)
async def pause_sending(call: Call) -> Campaign:
    """Nothing more is entered in the CRM until `send`; what the CRM has it keeps."""
    return await _moved(call, "paused")


@campaign_sending.post(
    "/api/campaigns/{id}/send/stop", scope="write", summary="Send no more, for good", errors=(404, 409)
)
async def stop_sending(call: Call) -> Campaign:
    """What the CRM has it keeps; drafts there are for a person to delete."""
    return await _moved(call, "stopped")


@campaign_sending.get("/api/campaigns/{id}/figures", scope="read", summary="What came of a campaign", errors=(404,))
async def campaign_figures(call: Call) -> CampaignFigures:
    """Replies and bounces are those Close tells of, within 60 days of a message; meetings those of this calendar."""
    campaign = await campaign_of(call, id_of(call))
    kept = call.services.campaigns.sending
    variants = await kept.by_variant(campaign.id)
    return CampaignFigures(await kept.by_day(campaign.id), tuple(map(_shown, variants)), winner_of(variants))


def _shown(results: VariantResults) -> Variant:
    rate = rate_of(results.replied, results.people)
    return Variant(
        results.variant,
        results.subject,
        results.people,
        results.replied,
        results.booked,
        results.unsubscribed,
        round(rate.rate, 4),
        round(rate.low, 4),
        round(rate.high, 4),
    )


async def _moved(call: Call, sending: Sending) -> Campaign:
    campaign_id = id_of(call)
    if not await call.services.campaigns.sending.move(campaign_id, sending, now=call.services.utc_now()):
        raise no_campaign()
    return await campaign_of(call, campaign_id)
