"""``qualify_lead``: how promising whoever is talking is, by what is known of them and what they say."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, structs

from pipelines.agents.lead import LeadFacts
from pipelines.agents.qualification.agent import Qualified
from pipelines.tools.arguments import Arguments, typed_tool
from pipelines.tools.port import Tool, ToolContext, ToolPolicy

Known = Callable[[ToolContext], Awaitable[tuple[UUID | None, LeadFacts]]]
"""The conversation's lead, as far as there is one."""

Qualify = Callable[[LeadFacts, UUID | None, str | None], Awaitable[Qualified]]


class QualifyLead(Arguments, frozen=True, kw_only=True):
    notes: (
        Annotated[str, Meta(description="What the caller said that is not recorded yet.", max_length=4000)] | UnsetType
    ) = UNSET


def qualify_lead(known: Known, qualify: Qualify) -> Tool:
    """Results: ``score``, ``tier``, and ``missing``: criteria to ask about, the most worthwhile first."""

    async def run(asked: QualifyLead, context: ToolContext) -> dict[str, Any]:
        lead_id, lead = await known(context)
        if asked.notes is not UNSET:
            notes = "\n".join(filter(None, (lead.notes, asked.notes)))
            lead = structs.replace(lead, notes=notes[:20_000])
        found = (await qualify(lead, lead_id, context.conversation_id)).qualification
        return {"score": found.score, "tier": found.tier, "missing": list(found.missing)}

    return typed_tool(
        "qualify_lead",
        "Score how promising the caller is, and learn what to ask next.",
        QualifyLead,
        run,
        ToolPolicy(deadline_s=3.0, on_interruption="finish"),
    )
