"""What a sync leaves to a person, and the keys it works with, over REST."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from api_server import ApiServer, StartApi
from vendor_server import VendorServer, serving_vendors

from agent_server.api import sync_review
from crm.credentials import Credential, CredentialStore
from crm.sync.store import SyncStore, sync_store
from crm.vault import Vault, generate_key
from storage.crm.conflicts import ConflictRow, add_conflicts
from storage.crm.credentials import CrmCredentials
from storage.crm.dead_letters import bury
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database


@pytest.fixture
async def vendors() -> AsyncIterator[VendorServer]:
    async with serving_vendors() as running:
        yield running


@pytest.fixture
async def connected(start_api: StartApi, vendors: VendorServer) -> ApiServer:
    return await start_api(**vendors.settings, SYNC_WORKER="false")


@pytest.fixture
def store(database: Database) -> SyncStore:
    return sync_store(database)


async def get(api: ApiServer, path: str, **params: str) -> Any:
    async with api.operator.get(path, params=params) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def call(api: ApiServer, method: str, path: str, **body: Any) -> tuple[int, Any]:
    async with api.operator.request(method, path, json=body or None) as response:
        return response.status, (await response.json() if response.status != 204 else None)


async def a_conflict(api: ApiServer, store: SyncStore, number: int, field: str = "email") -> str:
    status, contact = await call(api, "POST", "/api/contacts", email=f"theirs{number}@example.com")
    assert status == 201
    conflict = ConflictRow(
        id=f"conflict_{number}",
        platform="close",
        contact_id=contact["id"],
        field=field,
        kind="both_changed",
        local_value=f"ours{number}@example.com",
        remote_value=f"theirs{number}@example.com",
        winner="remote",
        critical=True,
        state="open",
        created_at=utc_now(),
    )
    async with store.database.transaction() as transaction:
        await add_conflicts(transaction, [conflict])
    return str(contact["id"])


async def test_conflicts_are_listed_with_both_values_and_decided(connected: ApiServer, store: SyncStore) -> None:
    contacts = [await a_conflict(connected, store, number) for number in range(3)]
    first = await get(connected, "/api/sync/conflicts", state="open", platform="close", limit="2")
    rest = await get(connected, "/api/sync/conflicts", state="open", limit="2", cursor=first["next_cursor"])
    listed = [entry["id"] for entry in first["items"] + rest["items"]]
    assert listed == ["conflict_2", "conflict_1", "conflict_0"]
    assert first["items"][0]["local_value"] == "ours2@example.com"
    assert first["items"][0]["remote_value"] == "theirs2@example.com"
    for number, (choice, value) in enumerate([("local", None), ("remote", None), ("value", "new@example.com")]):
        path = f"/api/sync/conflicts/conflict_{number}/resolve"
        body = {"choice": choice} | ({"value": value} if value else {})
        status, resolved = await call(connected, "POST", path, **body)
        assert (status, resolved["state"], resolved["resolution"]) == (200, "resolved", choice)
    emails = [(await get(connected, f"/api/contacts/{contact}"))["email"] for contact in contacts]
    assert emails == ["ours0@example.com", "theirs1@example.com", "new@example.com"]
    assert (await get(connected, "/api/sync/conflicts", state="open"))["items"] == []
    assert (await get(connected, "/api/sync/conflicts", contact_id=contacts[0]))["items"][0]["state"] == "resolved"


async def test_a_conflict_is_decided_once_and_sensibly(connected: ApiServer, store: SyncStore) -> None:
    await a_conflict(connected, store, 0)
    path = "/api/sync/conflicts/conflict_0/resolve"
    assert (await call(connected, "POST", path, choice="value"))[1]["error"]["code"] == "value_missing"
    assert (await call(connected, "POST", path, choice="both"))[0] in (400, 422)
    assert (await call(connected, "POST", path, choice="local"))[0] == 200
    status, body = await call(connected, "POST", path, choice="remote")
    assert (status, body["error"]["code"]) == (409, "conflict_resolved")
    await a_conflict(connected, store, 1, field="contact")
    status, body = await call(connected, "POST", "/api/sync/conflicts/conflict_1/resolve", choice="value", value="Ada")
    assert (status, body["error"]["code"]) == (422, "side_missing")
    status, body = await call(connected, "POST", "/api/sync/conflicts/none/resolve", choice="remote")
    assert (status, body["error"]["code"]) == (404, "conflict_not_found")


@pytest.mark.parametrize(("field", "nonsense"), [("email", "no address"), ("last_name", "  ")])
async def test_what_is_no_value_settles_nothing(
    connected: ApiServer, store: SyncStore, field: str, nonsense: str
) -> None:
    """Taken as nothing, it would empty the field."""
    contact = await a_conflict(connected, store, 0, field=field)
    path = "/api/sync/conflicts/conflict_0/resolve"
    status, body = await call(connected, "POST", path, choice="value", value=nonsense)
    assert (status, body["error"]["code"], body["error"]["param"]) == (400, "invalid_value", "value")
    status, body = await call(connected, "PATCH", f"/api/contacts/{contact}", **{field: nonsense})
    assert (status, body["error"]["code"], body["error"]["param"]) == (400, "invalid_value", field)
    assert (await call(connected, "POST", "/api/contacts", **{field: nonsense}))[0] == 400
    assert (await get(connected, f"/api/contacts/{contact}"))["email"] == "theirs0@example.com"
    (waiting,) = (await get(connected, "/api/sync/conflicts", state="open"))["items"]
    assert waiting["id"] == "conflict_0"


async def test_many_conflicts_are_decided_by_one_answer(connected: ApiServer, store: SyncStore) -> None:
    contacts = [await a_conflict(connected, store, number) for number in range(5)]
    async with store.database.transaction() as transaction:
        other = {"id": "conflict_title", "platform": "close", "contact_id": contacts[0], "field": "title"}
        row = {**other, "kind": "cleared", "remote_value": "CEO", "winner": "local", "critical": True, "state": "open"}
        await add_conflicts(transaction, [ConflictRow(**row, created_at=utc_now())])  # type: ignore[arg-type]
    emails, titles = (await get(connected, "/api/sync/conflicts/groups"))["items"]
    assert (emails["platform"], emails["kind"], emails["field"], emails["open"]) == (
        "close",
        "both_changed",
        "email",
        5,
    )
    assert (titles["platform"], titles["kind"], titles["open"], titles["deleted_here"]) == ("close", "cleared", 1, 0)
    listed = await get(connected, "/api/sync/conflicts", state="open", kind="cleared", field="title")
    assert [entry["id"] for entry in listed["items"]] == ["conflict_title"]
    # One that begins after they were counted was seen by nobody, and stays.
    late = await a_conflict(connected, store, 9)
    alike = {"choice": "local", "kind": "both_changed", "field": "email", "until": emails["newest_at"]}
    status, decided = await call(connected, "POST", "/api/sync/conflicts/resolve", **alike)
    assert (status, decided) == (200, {"resolved": 5, "left": 0})
    assert [(await get(connected, f"/api/contacts/{one}"))["email"] for one in contacts] == [
        f"ours{number}@example.com" for number in range(5)
    ]
    left = (await get(connected, "/api/sync/conflicts", state="open"))["items"]
    assert {entry["contact_id"] for entry in left} == {late, contacts[0]}
    assert (await call(connected, "POST", "/api/sync/conflicts/resolve", **alike))[1] == {"resolved": 0, "left": 0}


async def test_a_decision_for_many_goes_on_where_it_stopped(
    connected: ApiServer, store: SyncStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_review, "MOST_AT_ONCE", 2)
    for number in range(5):
        await a_conflict(connected, store, number)
    every = {"choice": "remote", "until": utc_now().isoformat()}
    answers = [(await call(connected, "POST", "/api/sync/conflicts/resolve", **every))[1] for _ in range(3)]
    assert answers == [{"resolved": 2, "left": 3}, {"resolved": 2, "left": 1}, {"resolved": 1, "left": 0}]


async def test_a_decision_for_many_says_what_it_is_about(connected: ApiServer) -> None:
    for body in ({"choice": "local"}, {"choice": "value", "until": utc_now().isoformat()}):
        assert (await call(connected, "POST", "/api/sync/conflicts/resolve", **body))[0] == 400


async def test_dead_letters_are_replayed_and_discarded(connected: ApiServer, store: SyncStore) -> None:
    async with store.database.transaction() as transaction:
        payload = {"inbox": "contact", "external_id": "cont_1"}
        about: dict[str, Any] = {"reason": "unexpected_answer", "payload": payload, "attempts": 10}
        keys = [await bury(transaction, "close", **about, now=utc_now()) for _ in range(2)]
    listed = await get(connected, "/api/sync/dead-letters", platform="close", state="dead")
    assert {entry["key"] for entry in listed["items"]} == set(keys)
    assert "close: 2 dead letters" in (await get(connected, "/api/sync/health"))["problems"]
    status, replayed = await call(connected, "POST", f"/api/sync/dead-letters/{keys[0]}/replay")
    assert (status, replayed["state"]) == (200, "replayed")
    assert await store.inbox.count("close") == 1
    status, body = await call(connected, "DELETE", f"/api/sync/dead-letters/{keys[0]}")
    assert (status, body["error"]["code"]) == (409, "dead_letter_settled")
    status, discarded = await call(connected, "DELETE", f"/api/sync/dead-letters/{keys[1]}")
    assert (status, discarded["state"]) == (200, "discarded")
    status, body = await call(connected, "POST", "/api/sync/dead-letters/crm:dlq:close:none/replay")
    assert (status, body["error"]["code"]) == (404, "dead_letter_not_found")


async def test_a_key_is_replaced_while_everything_runs(
    connected: ApiServer, vendors: VendorServer, store: SyncStore, caplog: pytest.LogCaptureFixture
) -> None:
    before = await get(connected, "/api/sync/credentials")
    assert [entry["source"] for entry in before["platforms"]] == ["settings", "settings"]
    path = "/api/sync/credentials/close"
    status, body = await call(connected, "PUT", path, api_key="wrong-key-of-close")
    assert (status, body["error"]["code"]) == (422, "credentials_refused")
    assert await get(connected, "/api/sync/credentials") == before
    vendors.close.keys = {"brand-new-key-of-close"}
    status, body = await call(connected, "PUT", path, api_key="brand-new-key-of-close")
    assert (status, body) == (200, {"platform": "close", "source": "stored", "account": "Simulated Organisation"})
    assert "key-of-close" not in caplog.text
    async with connected.operator.get("/api/sync/credentials") as response:
        assert "brand-new-key" not in await response.text()
    assert (await call(connected, "DELETE", path))[0] == 204
    assert (await call(connected, "DELETE", path))[1]["error"]["code"] == "key_not_stored"
    assert (await call(connected, "PUT", "/api/sync/credentials/linkedin", api_key="12345678"))[0] == 404


@pytest.mark.parametrize("key", ["two\nlines-of-it", "café-au-lait", "with a space", "        "])
async def test_a_key_that_no_request_can_carry_is_not_kept(connected: ApiServer, key: str) -> None:
    status, body = await call(connected, "PUT", "/api/sync/credentials/apollo", api_key=key, check=False)
    assert (status, body["error"]["param"]) == (400, "api_key")
    assert (await get(connected, "/api/sync/credentials"))["platforms"][1]["source"] == "settings"


async def test_a_key_that_is_pasted_with_its_line_end_is_taken(connected: ApiServer, vendors: VendorServer) -> None:
    vendors.close.keys = {"brand-new-key-of-close"}
    status, body = await call(connected, "PUT", "/api/sync/credentials/close", api_key=" brand-new-key-of-close\n")
    assert (status, body["source"]) == (200, "stored")


async def test_a_key_of_another_account_is_taken_when_it_is_meant(connected: ApiServer, store: SyncStore) -> None:
    await store.accounts.note("close", ["orga_before"], "The One Before", now=utc_now())
    path, key = "/api/sync/credentials/close", "simulated-close-key"
    status, body = await call(connected, "PUT", path, api_key=key)
    assert (status, body["error"]["code"]) == (409, "other_account")
    assert "The One Before" in body["error"]["message"]
    assert (await get(connected, "/api/sync/credentials"))["platforms"][0]["source"] == "settings"
    assert (await call(connected, "PUT", path, api_key=key, move=True))[0] == 200
    assert await store.accounts.other("close", ["orga_simulated"]) is None


async def test_keys_are_for_administrators(connected: ApiServer) -> None:
    headers = await connected.key("read", "write")
    async with connected.client.put(
        "/api/sync/credentials/close", json={"api_key": "12345678"}, headers=headers
    ) as response:
        assert response.status == 403


async def test_a_key_that_cannot_be_read_is_told_as_that(connected: ApiServer, database: Database) -> None:
    await CredentialStore(CrmCredentials(database), Vault([generate_key()])).put(Credential("close", api_key="another"))
    status, told = await call(connected, "GET", "/api/sync/credentials")
    assert status == 200
    assert {row["platform"]: row["source"] for row in told["platforms"]}["close"] == "unreadable"
    assert (await get(connected, "/api/sync/status/close"))["connected"], "its syncs say what is wrong"
