"""The simulated Close, asked over plain HTTP."""

from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web

from simulators.close.options import CloseOptions, GroupLimit
from simulators.close.provider import Close
from simulators.config import SimulatorConfig
from simulators.faults import parse_faults
from simulators.flow import end_dropped
from simulators.simulation import BaseUrls, Simulation

NOW = 1_790_000_000.0


class World:
    def __init__(self) -> None:
        self.now = NOW
        self.simulation = Simulation(SimulatorConfig(seed=7), dict(Close.delays))
        self.close = Close(self.simulation, lambda: self.now)
        self.http: aiohttp.ClientSession
        self.base = ""
        self.host = ""

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200, key: str | None = None) -> Any:
        """The decoded answer, whose status has to be ``status``."""
        user = b64encode(f"{key or 'simulated-close-key'}:".encode()).decode()
        headers = {"Authorization": f"Basic {user}"}
        async with self.http.request(method, self.base + path, json=body, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == status, text
            self.headers = answer.headers
            return msgspec.json.decode(text) if answer.content_type == "application/json" else text

    def options(self, **changes: Any) -> None:
        self.close.store.options = msgspec.structs.replace(self.close.store.options, **changes)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    app = web.Application(middlewares=[end_dropped])
    app.add_routes(made.close.routes())
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.host = f"http://127.0.0.1:{runner.addresses[0][1]}"
    made.base = made.close.settings(BaseUrls(made.host, ""))["CLOSE_API_BASE"]
    async with aiohttp.ClientSession() as session:
        made.http = session
        yield made
    await runner.cleanup()


async def test_only_a_known_key_comes_in(world: World) -> None:
    assert (await world.ask("GET", "/me/"))["id"] == "user_simulated"
    assert "could not verify" in await world.ask("GET", "/me/", status=401, key="wrong")


def test_the_same_seed_makes_the_same_organisation() -> None:
    def build() -> list[dict[str, Any]]:
        store = World().close.store
        store.create_lead({"name": "Acme", "contacts": [{"name": "Jane"}]})
        return [store.shown_lead(lead) for lead in store.leads.values()]

    assert build() == build()


async def test_a_lead_comes_with_its_contacts(world: World) -> None:
    body = {"contacts": [{"name": "Jane", "emails": [{"email": "Jane@Acme.example", "type": "office"}]}]}
    lead = await world.ask("POST", "/lead/", body)
    assert (lead["name"], lead["display_name"], lead["status_label"]) == ("", "Jane", "Potential")
    assert lead["contacts"][0]["emails"][0]["email"] == "jane@acme.example"
    assert lead["contacts"][0]["lead_id"] == lead["id"]
    assert await world.ask("GET", f"/lead/{lead['id']}/") == lead


async def test_a_put_leaves_what_it_does_not_name_and_replaces_lists_whole(world: World) -> None:
    phones = [{"phone": "541-555-0100"}, {"phone": "+49301234567"}]
    lead = await world.ask("POST", "/lead/", {"name": "Acme", "contacts": [{"name": "Jane", "phones": phones}]})
    contact = lead["contacts"][0]
    assert [entry["phone"] for entry in contact["phones"]] == ["+15415550100", "+49301234567"]
    changed = await world.ask("PUT", f"/contact/{contact['id']}/", {"phones": [{"phone": "+15415550122"}]})
    assert (changed["name"], [entry["phone"] for entry in changed["phones"]]) == ("Jane", ["+15415550122"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phones": [{"phone": "12"}]}, "phones"),
        ({"emails": [{"email": "nobody"}]}, "emails"),
        ({"emails": "jane@acme.example"}, "emails"),
        ({"custom.cf_none": 1}, "custom.cf_none"),
    ],
)
async def test_values_it_does_not_take_are_named(world: World, body: dict[str, Any], field: str) -> None:
    lead = await world.ask("POST", "/lead/", {"name": "Acme"})
    refused = await world.ask("POST", "/contact/", {"lead_id": lead["id"]} | body, status=400)
    assert list(refused["field-errors"]) == [field]
    assert not world.close.store.contacts


async def test_custom_fields_take_one_value_more_or_less_and_null(world: World) -> None:
    field = (await world.ask("POST", "/custom_field/lead/", {"name": "Tags"}))["id"]
    lead = await world.ask("POST", "/lead/", {"name": "Acme", f"custom.{field}": ["a"]})
    path = f"/lead/{lead['id']}/"
    assert (await world.ask("PUT", path, {f"custom.{field}.add": "b"}))[f"custom.{field}"] == ["a", "b"]
    assert (await world.ask("PUT", path, {f"custom.{field}.remove": "a"}))[f"custom.{field}"] == ["b"]
    assert f"custom.{field}" not in await world.ask("PUT", path, {f"custom.{field}": None})


async def test_a_put_without_a_change_leaves_no_trace(world: World) -> None:
    lead = await world.ask("POST", "/lead/", {"name": "Acme"})
    world.now += 100
    assert await world.ask("PUT", f"/lead/{lead['id']}/", {"name": "Acme"}) == lead
    assert len(world.close.store.log.entries) == 1


async def test_lists_page_filter_and_refuse_to_skip_too_far(world: World) -> None:
    for number in range(5):
        world.now += 1
        world.close.store.create_opportunity(
            {"lead_id": world.close.store.create_lead({"name": f"L{number}"})["id"], "value": number}
        )
    page = await world.ask("GET", "/opportunity/?_limit=2&_skip=1&_fields=value")
    assert page == {"data": [{"value": 3}, {"value": 2}], "has_more": True, "total_results": 5}
    since = "2026-09-21T14:13:23%2B00:00"
    ordered = await world.ask("GET", f"/opportunity/?date_updated__gte={since}&_order_by=date_updated&_fields=value")
    assert [row["value"] for row in ordered["data"]] == [2, 3, 4]
    for path in ("/lead/?date_updated__gte=", "/contact/?date_updated__gte=", "/activity/call/?date_created__gte="):
        assert "no filter" in (await world.ask("GET", path + since, status=400))["error"]
    assert "max_skip" in (await world.ask("GET", "/lead/?_skip=1001", status=400))["error"]
    assert "maximum" in (await world.ask("GET", "/lead/?_limit=201", status=400))["error"]


LEADS = {"type": "object_type", "object_type": "lead"}


async def test_a_search_ends_at_its_cap_and_its_cursor_dies_young(world: World) -> None:
    world.options(search_cap=3)
    for number in range(5):
        world.close.store.create_lead({"name": f"L{number}"})
    sort = [{"field": {"type": "regular_field", "object_type": "lead", "field_name": "name"}, "direction": "desc"}]
    query = {"query": LEADS, "_limit": 2, "sort": sort, "_fields": {"lead": ["name"]}}
    first = await world.ask("POST", "/data/search/", query)
    assert [row["name"] for row in first["data"]] == ["L4", "L3"]
    second = await world.ask("POST", "/data/search/", query | {"cursor": first["cursor"]})
    assert ([row["name"] for row in second["data"]], second["cursor"]) == (["L2"], None)

    first = await world.ask("POST", "/data/search/", query)
    world.now += 31
    refused = await world.ask("POST", "/data/search/", query | {"cursor": first["cursor"]}, status=400)
    assert list(refused["field-errors"]) == ["cursor"]


async def test_a_search_gives_bare_ids_unless_asked_and_lags(world: World) -> None:
    world.options(index_lag_s=5.0)
    lead = world.close.store.create_lead({"name": "Acme"})
    assert (await world.ask("POST", "/data/search/", {"query": LEADS}))["data"] == []
    world.now += 5
    found = await world.ask("POST", "/data/search/", {"query": LEADS})
    assert found["data"] == [{"id": lead["id"], "__object_type": "lead"}]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"type": "text", "mode": "full_words", "value": "corp acme"}, 1),
        ({"type": "text", "mode": "phrase", "value": "corp acme"}, 0),
        ({"type": "text", "mode": "phrase", "value": "acme corp"}, 1),
        ({"type": "text", "mode": "beginning_of_words", "value": "ac"}, 1),
        ({"type": "text", "mode": "exact_value", "value": "ACME Corp"}, 1),
        ({"type": "exists"}, 2),
        ({"type": "term", "values": ["Acme Corp", "x"]}, 1),
    ],
)
async def test_conditions(world: World, query: dict[str, Any], found: int) -> None:
    for name in ("Acme Corp", "Other"):
        world.close.store.create_lead({"name": name})
    field = {"type": "regular_field", "object_type": "lead", "field_name": "name"}
    whole = {"type": "and", "queries": [LEADS, {"type": "field_condition", "field": field, "condition": query}]}
    assert len((await world.ask("POST", "/data/search/", {"query": whole}))["data"]) == found
    whole["queries"][1]["negate"] = True  # type: ignore[index]
    assert len((await world.ask("POST", "/data/search/", {"query": whole}))["data"]) == 2 - found


async def test_updates_close_together_become_one_event(world: World) -> None:
    lead = await world.ask("POST", "/lead/", {"name": "A"})
    for name in ("B", "C"):
        world.now += 10
        await world.ask("PUT", f"/lead/{lead['id']}/", {"name": name})
    log = (await world.ask("GET", "/event/"))["data"]
    assert [event["action"] for event in log] == ["updated", "created"]
    assert (log[0]["previous_data"]["name"], log[0]["data"]["name"]) == ("A", "C")
    assert log[0]["date_created"] < log[0]["date_updated"]
    assert "+" not in log[0]["date_updated"]
    world.now += 61
    await world.ask("PUT", f"/lead/{lead['id']}/", {"name": "D"})
    assert len((await world.ask("GET", "/event/"))["data"]) == 3


async def test_events_page_by_cursor_for_thirty_days(world: World) -> None:
    for number in range(60):
        world.now += 1
        world.close.store.create_lead({"name": f"L{number}"})
    first = await world.ask("GET", "/event/?_limit=500")
    second = await world.ask("GET", f"/event/?_cursor={first['cursor_next']}")
    assert (len(first["data"]), len(second["data"]), second["cursor_next"]) == (50, 10, None)
    assert first["data"][0]["data"]["name"] == "L59"
    await world.ask("GET", "/event/?object_type=lead", status=400)
    assert (await world.ask("GET", "/event/?object_type=lead&action=deleted"))["data"] == []
    world.now += 31 * 86400
    assert (await world.ask("GET", "/event/"))["data"] == []


async def test_each_group_has_its_own_window_told_in_every_answer(world: World) -> None:
    world.options(groups=GroupLimit(limit=2, window_s=5.0))
    await world.ask("GET", "/me/")
    assert world.headers["RateLimit"] == "limit=2, remaining=1, reset=5.000"
    await world.ask("GET", "/me/")
    world.now += 1.5
    await world.ask("GET", "/me/", status=429)
    assert (world.headers["RateLimit"], world.headers["Retry-After"]) == ("limit=2, remaining=0, reset=3.500", "4")
    await world.ask("GET", "/lead/")
    world.now += 3.5
    await world.ask("GET", "/me/")


async def test_a_skewed_clock_shows_in_every_time(world: World) -> None:
    world.options(clock_skew_s=120.0)
    lead = await world.ask("POST", "/lead/", {"name": "Acme"})
    assert lead["date_updated"].startswith("2026-09-21T14:15:20")


async def test_deleting_a_lead_takes_everything_with_it(world: World) -> None:
    lead = await world.ask("POST", "/lead/", {"name": "Acme", "contacts": [{"name": "Jane"}]})
    await world.ask("POST", "/activity/note/", {"lead_id": lead["id"], "note": "hello"})
    await world.ask("POST", "/opportunity/", {"lead_id": lead["id"]})
    await world.ask("DELETE", f"/lead/{lead['id']}/")
    await world.ask("GET", f"/lead/{lead['id']}/", status=404)
    await world.ask("GET", f"/contact/{lead['contacts'][0]['id']}/", status=404)
    deleted = [event["object_type"] for event in world.close.store.log.entries if event["action"] == "deleted"]
    assert deleted == ["contact", "opportunity", "activity.note", "lead"]


async def test_faults_before_and_after_the_write(world: World) -> None:
    for switch, kept in (("server_error", 0), ("server_error@first,status=502", 1)):
        world.simulation.faults.replace(parse_faults(f"close:{switch},nth=1"))
        before = len(world.close.store.leads)
        await world.ask("POST", "/lead/", {"name": "Acme"}, status=502 if kept else 503)
        assert len(world.close.store.leads) - before == kept
    world.simulation.faults.replace(parse_faults("close:garbage,nth=1"))
    assert (await world.ask("POST", "/lead/", {"name": "Acme"})).startswith("<!DOCTYPE html>")
    world.simulation.faults.replace(parse_faults("close:drop@mid,nth=1"))
    with pytest.raises(aiohttp.ClientError):
        await world.ask("POST", "/lead/", {"name": "Acme"})
    assert len(world.close.store.leads) == 3


async def test_the_switches_can_be_set_from_outside(world: World) -> None:
    await world.ask("POST", "/lead/", {"name": "Acme"})
    async with world.http.post(f"{world.host}/_control/close", json={"max_skip": 5}) as answer:
        assert msgspec.json.decode(await answer.read(), type=CloseOptions) == CloseOptions(max_skip=5)
    async with world.http.post(f"{world.host}/_control/close", json={"max_skip": "far"}) as answer:
        assert answer.status == 400
    async with world.http.get(f"{world.host}/_control/close") as answer:
        state = await answer.json()
    assert [lead["name"] for lead in state["leads"]] == ["Acme"]
    assert state["options"]["max_skip"] == 5
