"""Messages of a campaign while the agents of a server have too much to do, or go down over them."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from agent_server.campaigns import writing
from agent_server.campaigns.writing import CampaignWork
from pipelines.agents.errors import AgentError
from storage.keys.secret_tokens import utc_now
from storage.leads.leads import Leads
from storage.postgres.database import Database


class Reply(Struct):
    output: dict[str, Any]
    status: str = "completed"
    engine: str = "rules"
    execution_id: str = "exec_1"
    cost_usd: float = 0.0


class Agents:
    """Busy so many times, and then at work."""

    def __init__(self, busy: int) -> None:
        self.busy = busy
        self.asked = 0

    async def invoke(self, _agent: str, _about: dict[str, Any]) -> Reply:
        self.asked += 1
        if self.asked <= self.busy:
            raise AgentError("agents_busy", "Too many agents are at work.", retryable=True)
        email = {"subject": "For you", "body": "Hello."}
        return Reply({"email": email, "sender": {"agent": "default", "company": None}})


async def begun(database: Database, agents: Agents, people: int) -> tuple[CampaignWork, UUID]:
    """A campaign to so many people that is to be written."""
    leads = Leads(database)
    made = [await leads.create({"contact_email": f"p{number}@one.test"}, now=utc_now()) for number in range(people)]
    work = CampaignWork(database, leads, lambda: agents, utc_now)  # type: ignore[arg-type, return-value]
    campaign_id = await work.kept.create(
        name="Spring", channel="email", goal="Invite them.", audience={}, budget_usd=1.0,
        leads=[(lead.id, None) for lead in made], send=False, follow_up_days=(), now=utc_now(),
    )  # fmt: skip
    await work.kept.move(campaign_id, "generating", now=utc_now())
    return work, campaign_id


async def test_a_busy_server_gives_up_on_no_message_and_does_not_try_them_all(
    database: Database, monkeypatch: Any
) -> None:
    monkeypatch.setattr(writing, "AGAIN_S", 0.0)
    agents = Agents(busy=5 * writing.AT_ONCE)
    work, campaign_id = await begun(database, agents, people=8)
    for round_ in range(1, 6):
        await work._work()
        assert agents.asked == round_ * writing.AT_ONCE
    await work._work()
    messages = (await work.messages.messages(campaign_id)).items
    assert {(message.status, message.reason) for message in messages} == {("drafted", None)}
