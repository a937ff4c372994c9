"""What holds for every provider, and for a fourth one of one file, ``fourth_crm``."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from crm_world import CrmWorld
from fourth_crm import TinyDialect, TinyProvider

from crm.apollo.provider import ApolloProvider
from crm.authorization import FixedAuthorization, bearer
from crm.client import BACKGROUND, ApiClient, CallOptions
from crm.close.provider import CloseProvider
from crm.contact import Account, ContactFields, RemoteContact
from crm.errors import InvalidRecord, NotSupported, Unauthorized
from crm.linkedin.provider import LinkedInProvider
from crm.linkedin.scraper import LinkedInScraper
from crm.provider import METHODS, Capability, Provider

ALL: tuple[type[Provider], ...] = (CloseProvider, ApolloProvider, LinkedInProvider, LinkedInScraper, TinyProvider)


@pytest.mark.parametrize("kind", ALL)
async def test_what_is_not_declared_is_refused_by_name(kind: type[Provider]) -> None:
    provider = object.__new__(kind)
    for capability, names in METHODS.items():
        if capability in kind.capabilities:
            continue
        for name in names:
            method = getattr(provider, name)
            arguments = {
                parameter.name: None
                for parameter in inspect.signature(method).parameters.values()
                if parameter.default is parameter.empty
            }
            with pytest.raises(NotSupported) as refused:
                await call(method, arguments)
            assert (refused.value.code, refused.value.platform) == ("not_supported", kind.platform)


async def call(method: Callable[..., Any], arguments: dict[str, None]) -> None:
    result = method(**arguments)
    if inspect.isawaitable(result):
        await result


async def test_who_keeps_no_log_tells_of_no_successor() -> None:
    for kind in ALL:
        if Capability.CHANGES not in kind.capabilities:
            assert await object.__new__(kind).successor("gone") is None


def test_every_capability_has_its_methods() -> None:
    assert set(METHODS) == set(Capability)
    for names in METHODS.values():
        assert all(callable(getattr(Provider, name)) for name in names)


def test_a_declaration_that_does_not_hold_is_found_when_the_class_is_made() -> None:
    with pytest.raises(TypeError, match="do not agree"):

        class Boaster(Provider):
            platform = "boaster"
            capabilities = frozenset({Capability.CHANGES})

            async def check(self, options: CallOptions = BACKGROUND) -> Account:
                return Account("boaster", "")

    with pytest.raises(TypeError, match="do not agree"):

        class Modest(Provider):
            platform = "modest"
            capabilities = frozenset()

            async def check(self, options: CallOptions = BACKGROUND) -> Account:
                return Account("modest", "")

            async def delete_contact(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
                return None


async def test_the_fourth_provider_has_all_the_resilience(world: CrmWorld) -> None:
    people: dict[str, dict[str, Any]] = {"1": {"id": "1", "mail": "a@x.example", "company": "X"}}
    refusals = [503, 429]

    async def door(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer good":
            return web.json_response({}, status=401)
        if refusals:
            return web.json_response({}, status=refusals.pop(), headers={"Retry-After": "3"})
        person = people.get(request.match_info.get("id", ""))
        if request.path == "/whoami":
            return web.json_response({})
        if person is None:
            return web.json_response({}, status=404)
        if request.method == "DELETE":
            del people[person["id"]]
            return web.json_response({})
        body = await request.json() if request.method == "PATCH" else {}
        if "@" not in body.get("mail", "@"):
            return web.json_response({"wrong": ["mail"]}, status=422)
        person |= body
        return web.json_response(person)

    app = web.Application()
    app.router.add_route("*", "/people/{id}", door)
    app.router.add_route("*", "/whoami", door)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"

    def provider(token: str) -> TinyProvider:
        return TinyProvider(
            ApiClient(
                TinyDialect(),
                base_url=base,
                transport=world.adapter,
                authorization=FixedAuthorization(bearer(token)),
                limiter=world.limiter,
                breaker=world.breaker,
                rim=world.clock.rim,
            )
        )

    try:
        tiny = provider("good")
        await tiny.check()
        assert sum(world.clock.slept) >= 6
        seen = RemoteContact("tiny", "1", ContactFields(email="a@x.example", company="X"))
        changed = await tiny.update_contact(seen, ContactFields(email="b@x.example"))
        assert changed.fields == ContactFields(email="b@x.example", company="X")
        with pytest.raises(InvalidRecord) as refused:
            await tiny.update_contact(changed, ContactFields(email="nonsense"))
        assert refused.value.fields == ("mail",)
        await tiny.delete_contact("1")
        await tiny.delete_contact("1")
        with pytest.raises(Unauthorized):
            await provider("bad").check()
    finally:
        await runner.cleanup()
