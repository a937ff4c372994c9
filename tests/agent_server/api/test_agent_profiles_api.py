"""Writing who the agent is over REST, and talking to it the moment after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from api_server import ApiServer, StartApi, bearer, error_of
from msgspec import structs
from scripted_engines import scripted_engines

from pipelines.playbook.model import Playbook

PATH = "/api/agent-profiles"
BIKES: dict[str, Any] = {
    "name": "Zoë",
    "company": "Bol Bikes",
    "greeting": "Zoë here, of Bol Bikes. What do you need?",
    "about": "Bol Bikes rents cargo bikes to couriers. A bike costs 149 euros a month.",
    "rules": ["Never promise a discount."],
    "questions": [{"key": "day", "question": "Which day suits you for delivery?"}],
    "voice": "ash",
    "speed": 1.25,
    "eagerness": "high",
    "numbers": ["(415) 555-0100"],
}


async def wrote(api: ApiServer, **fields: Any) -> dict[str, Any]:
    async with api.operator.post(PATH, json={"slug": "bikes", **BIKES, **fields}) as answer:
        assert answer.status == 201, await answer.text()
        made: dict[str, Any] = await answer.json()
        return made


async def saved(api: ApiServer, slug: str, **fields: Any) -> dict[str, Any]:
    async with api.operator.put(f"{PATH}/{slug}", json=fields) as answer:
        assert answer.status == 200, await answer.text()
        kept: dict[str, Any] = await answer.json()
        return kept


async def got(api: ApiServer, path: str) -> dict[str, Any]:
    async with api.operator.get(path) as answer:
        assert answer.status == 200, await answer.text()
        body: dict[str, Any] = await answer.json()
        return body


async def refusal(api: ApiServer, method: str, path: str, **options: Any) -> tuple[int, str, str | None]:
    async with api.operator.request(method, f"{PATH}{path}", **options) as answer:
        error = await error_of(answer)
        return answer.status, error["code"], error["param"]


async def test_an_agent_is_written_saved_in_versions_and_restored(start_api: StartApi) -> None:
    api = await start_api(AGENT_NAME="Max", COMPANY_NAME="Acme")
    (default,) = (await got(api, PATH))["items"]
    assert (default["slug"], default["is_default"], default["version"]) == ("default", True, 0)
    assert (default["name"], default["company"]) == ("Max", "Acme"), "as the settings have it"

    made = await wrote(api)
    assert (made["version"], made["is_default"]) == (1, False)
    assert {**made, **BIKES, "numbers": made["numbers"], "questions": made["questions"]} == made
    assert made["numbers"] == ["+14155550100"]
    assert made["questions"] == [{**BIKES["questions"][0], "choices": []}]

    second = await saved(api, "bikes", version=1, name="Eve")
    assert (second["version"], second["name"], second["company"]) == (2, "Eve", "")
    stale = await refusal(api, "PUT", "/bikes", json={"version": 1})
    assert stale == (409, "agent_profile_changed", "version")
    versions = (await got(api, f"{PATH}/bikes/versions"))["items"]
    assert [(each["version"], each["facts"]["name"]) for each in versions] == [(2, "Eve"), (1, "Zoë")]
    assert versions[0]["saved_by"], "the key's name"
    async with api.operator.post(f"{PATH}/bikes/versions/1/restore") as answer:
        assert ((await answer.json())["version"], answer.status) == (3, 200)
    assert (await got(api, f"{PATH}/bikes"))["name"] == "Zoë"
    assert (await got(api, f"{PATH}/bikes/versions/2"))["facts"]["name"] == "Eve"

    assert (await saved(api, "default", version=0, company="Acme"))["version"] == 1
    assert [each["slug"] for each in (await got(api, PATH))["items"]] == ["default", "bikes"]
    assert (await got(api, "/api/setup"))["items"][1] == {
        "name": "company",
        "done": True,
        "missing": [],
        "ways": [],
        "using": "Acme",
    }
    assert await refusal(api, "DELETE", "/default") == (409, "default_agent_profile", None)
    async with api.operator.delete(f"{PATH}/bikes") as answer:
        assert answer.status == 204
    assert await refusal(api, "GET", "/bikes") == (404, "agent_profile_not_found", "slug")


async def test_what_cannot_be_is_refused_with_a_code(api: ApiServer) -> None:
    await wrote(api)
    twice = [{"key": "a", "question": "One?"}, {"key": "a", "question": "Two?"}]
    for fields, expected in (
        ({"slug": "bikes"}, (409, "agent_profile_taken", "slug")),
        ({"slug": "boats", "numbers": ["+14155550100"]}, (409, "agent_number_taken", "numbers")),
        ({"slug": "boats", "numbers": ["12"]}, (422, "number_invalid", "numbers")),
        ({"slug": "boats", "transfer_number": "12"}, (422, "number_invalid", "transfer_number")),
        ({"slug": "boats", "voice": "nobody"}, (422, "voice_unknown", "voice")),
        ({"slug": "boats", "questions": twice}, (422, "duplicate_key", "questions")),
        ({"slug": "Boats"}, (400, "invalid_value", "slug")),
        ({"slug": "boats", "greeting": "one\ntwo"}, (400, "invalid_value", "greeting")),
        ({"slug": "boats", "rules": ["x"] * 31}, (400, "invalid_value", "rules")),
        ({"slug": "boats", "speed": 9}, (400, "invalid_value", "speed")),
    ):
        assert await refusal(api, "POST", "", json=fields) == expected
    gone = (404, "agent_profile_not_found", "slug")
    assert await refusal(api, "PUT", "/boats", json={"version": 0}) == gone
    assert await refusal(api, "DELETE", "/boats") == gone
    assert await refusal(api, "GET", "/bikes/versions/x") == (404, "agent_profile_version_not_found", "version")
    async with api.client.get(PATH, headers=await api.key("realtime")) as answer:
        assert answer.status == 403
    async with api.client.post(PATH, json={"slug": "boats"}, headers=await api.key("read")) as answer:
        assert answer.status == 403


async def test_a_draft_shows_what_it_would_be_told_and_saves_nothing(api: ApiServer) -> None:
    async with api.operator.post(f"{PATH}/preview", json=BIKES) as answer:
        shown = await answer.json()
    assert "1. day: Which day suits you for delivery?" in shown["instructions"]
    assert "Never promise a discount." in shown["instructions"]
    assert (shown["opening"], shown["voice"], shown["eagerness"]) == (BIKES["greeting"], "ash", "high")
    assert len((await got(api, PATH))["items"]) == 1


class Typed:
    """A typed conversation."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.session: dict[str, Any] = {}
        self.id = ""

    async def begin(self) -> None:
        self.session = (await self._until("session.created"))["session"]
        self.id = (await self._until("conversation.created"))["conversation"]["id"]

    async def say(self, text: str | None) -> str:
        """None: the agent begins."""
        if text is not None:
            item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
            await self._socket.send_json({"type": "conversation.item.create", "item": item})
        await self._socket.send_json({"type": "response.create", "response": {"output_modalities": ["text"]}})
        done = await self._until("response.done")
        parts = [part for item in done["response"]["output"] for part in item.get("content", [])]
        return " ".join(part["text"] for part in parts).strip()

    async def _until(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while (event := await self._socket.receive_json())["type"] != kind:
                assert event["type"] != "error", event
        found: dict[str, Any] = event
        return found


@asynccontextmanager
async def typed(api: ApiServer, key: dict[str, str] | None = None, **query: str) -> AsyncIterator[Typed]:
    client = api.operator if key is None else api.client
    async with client.ws_connect("/v1/realtime", params=query, headers=key) as socket:
        conversation = Typed(socket)
        await conversation.begin()
        yield conversation


async def refused(api: ApiServer, **query: str) -> tuple[int, str]:
    async with api.operator.get("/v1/realtime", params=query) as answer:
        return answer.status, (await error_of(answer))["code"]


async def test_the_next_conversation_is_with_who_was_saved_and_its_answers_reach_the_lead(start_api: StartApi) -> None:
    engines = structs.replace(scripted_engines(), models=(Playbook(),))
    one, other = await start_api(engines=engines, COMPANY_NAME="Acme"), await start_api(engines=engines)
    async with typed(other) as before:
        await wrote(one)
        async with asyncio.timeout(5):
            while "bikes" not in other.services.profiles.known:
                await asyncio.sleep(0.01)
        assert "Bol Bikes" not in await before.say(None), "keeps what it began with"

    async with typed(other, agent="bikes") as talk:
        assert talk.session["audio"]["output"]["voice"] == "ash"
        assert talk.session["audio"]["output"]["speed"] == 1.25
        assert talk.session["audio"]["input"]["turn_detection"]["eagerness"] == "high"
        assert await talk.say(None) == BIKES["greeting"]
        assert (await talk.say("We need bikes for our couriers")).endswith("Which day suits you for delivery?")
        assert "149 euros" in await talk.say("How much is a bike?")
        assert "delivery" not in await talk.say("Tuesday mornings")
    async with asyncio.timeout(5):
        while not (leads := (await got(one, "/api/leads"))["items"]):
            await asyncio.sleep(0.02)
    assert leads[0]["answers"] == {"day": "Tuesday mornings"}

    await saved(one, "bikes", version=1, name="Eve", company="Other")
    async with typed(one, conversation=talk.id) as again:
        assert "Bol Bikes" in again.session["instructions"], "a conversation that goes on is with the same"
    kept = await got(one, f"/api/conversations/{talk.id}")
    assert (kept["agent"], kept["lead_id"]) == ("bikes", leads[0]["id"])
    listed = (await got(one, "/api/conversations?agent=bikes"))["items"]
    assert [each["id"] for each in listed] == [talk.id]
    assert {each["agent"] for each in (await got(one, "/api/conversations"))["items"]} == {"bikes", "default"}
    async with typed(one) as default:
        assert "Acme" in await default.say(None), "the other one is as it was"


async def test_who_is_asked_for_at_which_door(api: ApiServer) -> None:
    await wrote(api)
    assert await refused(api, agent="gone") == (404, "agent_profile_not_found")
    async with typed(api, model="bikes") as by_model, typed(api, model="gpt-realtime") as by_any:
        assert "Bol Bikes" in by_model.session["instructions"]
        assert "Bol Bikes" not in by_any.session["instructions"]
    async with api.operator.post("/v1/realtime/client_secrets", json={"agent": "gone"}) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (404, "agent_profile_not_found")
    async with api.operator.post("/v1/realtime/client_secrets", json={"agent": "bikes"}) as answer:
        secret = await answer.json()
    assert secret["session"]["audio"]["output"]["voice"] == "ash"
    async with typed(api, bearer(secret["value"]), model="sales-agent") as arranged:
        assert "Bol Bikes" in arranged.session["instructions"]
    async with typed(api, bearer(secret["value"]), agent="default") as plainly:
        assert "Bol Bikes" not in plainly.session["instructions"]
    visit = {"headers": {"Origin": api.url}, "json": {}}
    async with api.client.post("/api/widget/session", **visit) as answer:
        visitor = bearer((await answer.json())["value"])
    async with typed(api, visitor, agent="bikes") as page:
        assert page.session["instructions"] == "", "what the team wrote for the agent is not for a page's visitors"
        assert page.session["audio"]["output"]["voice"] == "ash"
    async with api.operator.post("/api/calls", json={"to": "+14155550132", "agent": "bikes"}) as answer:
        assert (await error_of(answer))["code"] == "telephony_not_configured"
