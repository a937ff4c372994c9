"""Which tools a conversation is given: those of a CRM while it is connected, whenever that came about."""

from agent_server.agents.own_tools import RunningParts
from crm.assembly import Crm
from crm.credentials import Credential, CredentialStore
from crm.vault import Vault, generate_key
from pipelines.conversation.settings import ConversationSettings, OwnTool
from pipelines.llm.port import ToolSpec
from pipelines.tools.port import ToolPolicy
from storage.crm.credentials import CrmCredentials
from storage.postgres.database import Database

NAMES = ("update_lead", "search_crm", "enrich_with_apollo")
SETTINGS = ConversationSettings(
    own_tools=tuple(OwnTool(ToolSpec(name, "What it does.", {}), ToolPolicy(deadline_s=1.0)) for name in NAMES)
)


async def names(running: RunningParts) -> list[str]:
    return [tool.spec.name for tool in (await running.usable(SETTINGS)).own_tools]


async def test_a_key_that_is_stored_later_brings_its_tool_and_takes_it_along(database: Database) -> None:
    store = CredentialStore(CrmCredentials(database), Vault.from_setting(generate_key()))
    crm = Crm(providers={}, sign_in=None, scraper=None, store=store, from_settings=frozenset({"apollo"}))
    running = RunningParts(crm)
    assert await names(running) == ["update_lead", "enrich_with_apollo"]
    await store.put(Credential(platform="close", api_key="secret"))
    assert await names(running) == list(NAMES)
    await store.deactivate("close")
    assert await names(running) == ["update_lead", "enrich_with_apollo"]


async def test_credentials_that_cannot_be_read_keep_nobody_from_talking(database: Database) -> None:
    rows = CrmCredentials(database)
    await CredentialStore(rows, Vault.from_setting(generate_key())).put(Credential(platform="close", api_key="secret"))
    other = CredentialStore(rows, Vault.from_setting(generate_key()))
    crm = Crm(providers={}, sign_in=None, scraper=None, store=other, from_settings=frozenset())
    assert await names(RunningParts(crm)) == ["update_lead"]
