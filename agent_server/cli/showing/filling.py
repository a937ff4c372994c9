"""What the day begins with, through the product's own doors, step by step."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, Final

from agent_server.cli.outcome import CommandError
from agent_server.cli.showing.cast import read
from agent_server.cli.showing.crm_side import DISAGREEMENT, CrmSide
from agent_server.cli.showing.doors import Doors, RefusedError

LOOK_S: Final = 0.2
STEP_S: Final = 60.0

AGENT: Final[dict[str, Any]] = {"name": "Ava", "company": "Acme Voice", "rules": ["Promise no discount."]}

CONSENT_SOURCE: Final = "Web form of the demo"
CALLED: Final = ("Northwind Solar", "Summit Outdoor", "Thameside Legal", "Kestrel Couriers", "Coral Bay Tours")
"""Whom the agent calls, as far as it is time to where they are; what they do, their numbers tell (``person.py``)."""

CUSTOMERS: Final = ("Juniper Travel", "Prairie Veterinary", "Orchard Staffing")
CAMPAIGN: Final = {
    "name": "Bakeries in winter",
    "goal": "Invite them to a short call about orders that come in at night",
    "audience": {"industry": "bakery"},
    "budget_usd": 2,
    "variants": 2,
    "follow_up_days": [3, 7],
}
CALL_LIST: Final = {
    "name": "Logistics, second quarter",
    "purpose": "your trial",
    "audience": {"industry": "logistics"},
    "at_once": 1,
}
NOT_TO_CALL: Final = ("+12125550191", "+13125550192")

Step = tuple[str, Callable[["Filling"], Awaitable[str]]]


class Filling:
    """Steps, to be taken in their order; each says what it made. Raises CommandError."""

    def __init__(self, doors: Doors, crm: CrmSide) -> None:
        self._doors = doors
        self._crm = crm
        self._leads: dict[str, Any] = {}

    async def profile(self) -> str:
        found = await self._doors.get("/api/agent-profiles/default")
        await self._doors.put("/api/agent-profiles/default", {"version": found["version"], **AGENT})
        return f"{AGENT['name']} of {AGENT['company']}"

    async def knowledge(self) -> str:
        text = files("pipelines.knowledge").joinpath("default.md").read_bytes()
        taught = await self._doors.upload("/api/knowledge/import", text, "text/markdown")
        return f"{taught['created']} topics"

    async def leads(self) -> str:
        report = await self._doors.upload("/api/leads/import?source=Trade+fair", read("leads.csv"), "text/csv")
        page = await self._doors.get("/api/leads", limit=str(report["rows"]))
        self._leads = {lead["company_name"]: lead for lead in page["items"] if lead["source"] == "Trade fair"}
        for company in CUSTOMERS:
            await self._doors.patch(f"/api/leads/{self._id(company)}", {"status": "customer"})
        taken = report["created"] + report["updated"]
        refused = "; ".join(f"line {error['line']}: {error['code']}" for error in report["errors"])
        return f"{taken} of {report['rows']} rows of a table ({refused})"

    async def scores(self) -> str:
        asked = {"lead_ids": [lead["id"] for lead in self._leads.values()]}
        scored = await self._doors.post("/api/leads/qualify", asked)
        hot = sum(one["tier"] == "hot" for one in scored["items"])
        return f"{len(scored['items'])} leads, {hot} of them hot"

    async def crm(self) -> str:
        """The CRM's people come in; one is changed on both sides at once, which a person has to decide."""
        self._crm.add_people()
        await self._sync()
        contacts = await self._doors.get("/api/contacts", limit="200")
        deals = await self._doors.get("/api/opportunities", limit="10")
        await self._disagree()
        return f"{len(contacts['items'])} contacts and {len(deals['items'])} deals, one conflict to decide"

    async def calls(self) -> str:
        """Consent, a list of whom not to call, a call list that waits, and as many calls as may be made now."""
        for number in NOT_TO_CALL:
            await self._doors.post("/api/do-not-call", {"number": number, "reason": "Asked for by e-mail."})
        agreed = [lead for lead in self._leads.values() if lead["contact_phone"]][::2]
        named = [self._leads[company] for company in CALLED]
        for lead in {lead["id"]: lead for lead in (*agreed, *named)}.values():
            consent = {"kind": "express_written", "source": CONSENT_SOURCE}
            await self._doors.put(f"/api/leads/{lead['id']}/consent", consent)
        await self._doors.post("/api/call-lists", CALL_LIST)
        made = 0
        for lead in named:
            try:
                await self._doors.post("/api/calls", {"lead_id": lead["id"], "purpose": "your trial"})
                made += 1
            except RefusedError:
                continue  # it is night where they are: the refusal is in the list of calls, too
        return f"{made} people called, {len(named) - made} not now: it is not the hour there"

    async def campaign(self) -> str:
        made = await self._doors.post("/api/campaigns", CAMPAIGN)
        path = f"/api/campaigns/{made['id']}"
        await self._doors.post(f"{path}/start")
        done = await self._until(path, lambda row: row["status"] == "ready", "the campaign")
        return f"“{done['name']}”: {done['approvable']} drafts wait for approval"

    async def research(self) -> str:
        lead = self._leads["Golden Crust Bakery"]
        asked = {"question": "How do they take orders, and who decides?", "lead_id": lead["id"]}
        begun = await self._doors.post("/api/research", asked)
        path = f"/api/research/{begun['id']}"
        done = await self._until(path, lambda row: row["status"] != "running", "the research")
        report = done.get("report") or {"claims": ()}
        return f"a report on {lead['company_name']} with {len(report['claims'])} claims"

    async def agent(self) -> str:
        lead = self._leads["Pine Tools"]
        reply = await self._doors.post("/api/langgraph/invoke", {"agent": "bdr", "input": {"lead_id": lead["id"]}})
        return f"one waits for a person's answer about {lead['company_name']} ({reply['status']})"

    def _id(self, company: str) -> str:
        try:
            return str(self._leads[company]["id"])
        except KeyError:
            raise CommandError(f"The import did not bring {company}.") from None

    async def _sync(self) -> Any:
        try:
            run = await self._doors.post("/api/sync/trigger", {"platform": "close", "full": True})
        except RefusedError as refused:
            if refused.code != "sync_already_running":
                raise
            await asyncio.sleep(LOOK_S)
            return await self._sync()
        path = f"/api/sync/runs/{run['id']}"
        return await self._until(path, lambda row: row["completed_at"] is not None, "the sync")

    async def _disagree(self) -> None:
        """Both sides change an address within the same moment, so that no sync comes between."""
        email, here, there = DISAGREEMENT
        found = await self._doors.get("/api/contacts", email=email)
        contact = found["items"][0]
        self._crm.change_email(email, there)
        await self._doors.patch(f"/api/contacts/{contact['id']}", {"email": here})
        await self._until(
            "/api/sync/conflicts?state=open", lambda page: bool(page["items"]), "the conflict", again=self._sync
        )

    async def _until(
        self,
        path: str,
        is_done: Callable[[Any], bool],
        what: str,
        *,
        again: Callable[[], Awaitable[object]] | None = None,
    ) -> Any:
        try:
            async with asyncio.timeout(STEP_S):
                while not is_done(found := await self._doors.get(path)):
                    if again is not None:
                        await again()
                    await asyncio.sleep(LOOK_S)
                return found
        except TimeoutError:
            raise CommandError(f"{what.capitalize()} was not there within {STEP_S:.0f} s.") from None


FIRST_STEPS: Final[tuple[Step, ...]] = (
    ("Agent", Filling.profile),
    ("Knowledge", Filling.knowledge),
    ("Leads", Filling.leads),
    ("CRM", Filling.crm),
)
"""Before anybody comes: whom the CRM knows is not entered there again."""

STEPS: Final[tuple[Step, ...]] = (
    ("Scores", Filling.scores),
    ("Calls", Filling.calls),
    ("Campaign", Filling.campaign),
    ("Research", Filling.research),
    ("Agents", Filling.agent),
)
