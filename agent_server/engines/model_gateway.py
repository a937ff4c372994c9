"""Starts the model gateway of a process, and looks up what its providers serve, beside everything else."""

import asyncio
import logging

from msgspec import structs

from agent_server.engines.cloud_models import make_endpoints, price_list, routes
from agent_server.parts import Parts
from agent_server.settings import DeadlineSettings, ProcessSettings, Settings
from agent_server.stores.shared_redis import SharedRedis
from agent_server.telemetry.components import Component, ComponentState
from pipelines.llm.catalogue import nearest
from pipelines.llm.gateway.breakers import ProviderBreakers
from pipelines.llm.gateway.endpoint import Endpoint
from pipelines.llm.gateway.gateway import GatewaySettings, ModelGateway
from pipelines.llm.gateway.latency import PatienceSettings
from pipelines.llm.gateway.ledger import Ledger
from pipelines.llm.gateway.live import LiveSettings
from pipelines.llm.gateway.port import Gateway
from pipelines.llm.port import LlmError
from storage.keys.secret_tokens import utc_now
from storage.ledger.records import Tracker
from storage.shared.state import SharedState

log = logging.getLogger(__name__)

_SHARE = 0.75
_SETTLE_S = 10.0
_LIST_AGAIN_S = 5.0
_LIST_RARELY_S = 600.0


async def start_gateway(settings: Settings, parts: Parts) -> ModelGateway:
    """Loads and asks nothing yet: see ``prepare``. Raises SettingsError."""
    prices = price_list(settings.models)
    endpoints = make_endpoints(settings.models, prices)
    for endpoint in endpoints:
        parts.on_stop(endpoint.key, endpoint.adapter.aclose)
    gateway = ModelGateway(
        endpoints,
        ledger=Ledger(prices, utc_now),
        breakers=ProviderBreakers(_shared_state(settings.process, parts) if endpoints else None),
        routes=routes(settings.models),
        settings=GatewaySettings(live=live_settings(settings.deadlines)),
    )
    for endpoint in endpoints:
        endpoint.is_settled = False
    parts.on_stop("model gateway", gateway.aclose)
    return gateway


def live_settings(deadlines: DeadlineSettings) -> LiveSettings:
    """A little less patience than the conversation has: who fails within it is stood in for without a new rung."""
    most_ms = _SHARE * deadlines.first_token_ms
    usual = PatienceSettings()
    return LiveSettings(
        first_token=structs.replace(usual, most_ms=most_ms, least_ms=min(usual.least_ms, most_ms)),
        silence_s=_SHARE * deadlines.next_token_ms / 1000,
    )


def _shared_state(process: ProcessSettings, parts: Parts) -> SharedState | None:
    if process.redis_url is None:
        return None
    redis = SharedRedis(process.redis_url, cluster=process.redis_cluster)
    parts.on_stop("redis of the model gateway", redis.aclose)
    return SharedState(redis)


async def prepare(gateway: Gateway) -> None:
    """Beside the running server: load the vendors' SDKs, settle the models, open the connections."""
    if not isinstance(gateway, ModelGateway) or not gateway.endpoints:
        return
    settling = [asyncio.ensure_future(settle_model(endpoint)) for endpoint in gateway.endpoints]
    try:
        # A request to a model that is gone warms nothing; a provider that is silent keeps no other cold for ever.
        await asyncio.wait(settling, timeout=_SETTLE_S)
        gateway.warm("conversation")
        await asyncio.gather(*settling)
    finally:
        for task in settling:
            task.cancel()


async def settle_model(endpoint: Endpoint) -> None:
    """Where the provider does not list the configured model, ask for the nearest it lists from now on, and say so."""
    wanted = endpoint.adapter.model
    listed = await _listed(endpoint)
    instead = nearest(wanted, listed)
    if instead is None:
        if listed:
            log.warning("%s lists no model that talks; %s is asked for all the same", endpoint.provider, wanted)
    elif instead != wanted:
        endpoint.adapter.use(instead)
        if wanted:
            log.warning("%s does not list %s; %s is used instead", endpoint.provider, wanted, instead)
    endpoint.is_settled = True


async def _listed(endpoint: Endpoint) -> tuple[str, ...]:
    """The models of a provider; none when it refuses to tell. One that does not answer is asked again, ever more
    rarely: a serverless worker may be asleep."""
    wait_s = _LIST_AGAIN_S
    while True:
        try:
            return await endpoint.adapter.list_models()
        except LlmError as error:
            log.warning("%s does not list its models: %s", endpoint.provider, error.code)
            if not error.retryable:
                return ()
        await asyncio.sleep(wait_s)
        wait_s = min(_LIST_RARELY_S, 2 * wait_s)


def record_calls(gateway: Gateway, tracker: Tracker) -> None:
    """From now on requests to models are entered there."""
    if isinstance(gateway, ModelGateway):
        gateway.ledger.tracker = tracker


def gateway_components(gateway: Gateway) -> tuple[Component, ...]:
    """What ``/api/health`` shows of the providers. Never down: the playbook answers without them."""
    if not isinstance(gateway, ModelGateway):
        return ()

    async def check() -> ComponentState:
        found = [finding for endpoint in gateway.endpoints if (finding := _finding(gateway, endpoint))]
        if found:
            return ComponentState("degraded", "; ".join(dict.fromkeys(found)))
        return ComponentState("ok", ", ".join(f"{each.provider}/{each.model}" for each in gateway.endpoints) or "none")

    return (Component("model_providers", check),)


def _finding(gateway: ModelGateway, endpoint: Endpoint) -> str | None:
    if not gateway.breakers.is_closed(endpoint.provider):
        return f"{endpoint.provider} keeps failing"
    if not endpoint.model:
        return f"{endpoint.provider} has not told which model it serves"
    configured = endpoint.key.partition("/")[2]
    if configured and configured != endpoint.model:
        return f"{endpoint.provider} does not list {configured}, {endpoint.model} is used instead"
    return None
