"""The worker: everything a server has but its doors, and the connection to LiveKit."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from agent_server.api.health import health
from agent_server.api.metrics import metrics
from agent_server.api.serving import handler_of
from agent_server.background.kept_going import Work, kept_going
from agent_server.capacity.open_files import raise_open_files
from agent_server.crm_sync import jobs
from agent_server.engines.starting import start_engines
from agent_server.hosting.host import ConversationHost
from agent_server.livekit.calls import LiveKitCalls
from agent_server.livekit.dispatch import Dispatch, LiveKit
from agent_server.livekit.rooms import LiveKitRooms
from agent_server.livekit.taking_up import TakingUp
from agent_server.services import SERVICES, Services
from agent_server.settings import Settings, SettingsError
from agent_server.startup import StartEngines, running_services
from agent_server.telemetry.components import Component, ComponentState
from agent_server.web.middlewares import answer_errors, observe
from storage.calls.livekit_rooms import LiveKitRoomRecords

log = logging.getLogger(__name__)


def livekit_of(settings: Settings) -> LiveKit:
    """Raises SettingsError."""
    telephony = settings.telephony
    url, key, secret = telephony.livekit_url, telephony.livekit_api_key, telephony.livekit_api_secret
    if url is None or key is None or secret is None:
        raise SettingsError(["sales-agent livekit needs LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET."])
    return LiveKit(url, key, secret, telephony.livekit_agent_name)


async def run_livekit(settings: Settings, stop: asyncio.Event, *, start_engines: StartEngines = start_engines) -> None:
    """Take calls until ``stop`` is set; then those that run may finish for DRAIN_SECONDS, and what is left is handed
    to another worker.

    Raises SettingsError, StartError, StorageError or an engine's error.
    """
    livekit = livekit_of(settings)
    raise_open_files()
    async with running_services(settings, start_engines=start_engines) as services:
        from agent_server.livekit.media import LiveKitRoom  # noqa: PLC0415 - heavy: beside the rest of it

        rooms = LiveKitRooms(livekit)
        taking_up = TakingUp(LiveKitRoomRecords(services.database, livekit.url, livekit.agent_name), rooms)
        calls = LiveKitCalls(services, ConversationHost(services), rooms, LiveKitRoom, taking_up)
        dispatch = Dispatch(livekit, services.admission, calls.talk)
        async with (
            _door(services, dispatch),
            _kept_going(taking_up.work()),
            services.agent_service.warming(is_busy=lambda: services.admission.active > 0),
        ):
            gc.freeze()  # as a server does, for the same reason: no caller waits for the collector
            gc.set_threshold(1000, 5, 20)
            await _work(services, dispatch, stop)


@asynccontextmanager
async def _kept_going(works: Mapping[str, Work]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(kept_going(name, work), name=name) for name, work in works.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _work(services: Services, dispatch: Dispatch, stop: asyncio.Event) -> None:
    admission = services.admission
    running = asyncio.create_task(dispatch.run(), name="livekit")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        admission.drain()
        dispatch.tell_status()
        log.info("draining", extra={"fields": {"conversations": admission.active}})
        await admission.drained(services.settings.process.drain_seconds)
    finally:
        admission.ending.set()
        await dispatch.ended()
        for task in (running, stopping):
            task.cancel()
        await asyncio.wait({running, stopping})


@asynccontextmanager
async def _door(services: Services, dispatch: Dispatch) -> AsyncIterator[None]:
    """Health and figures at ``WORKER_METRICS_PORT``, where that is set; the work beside it in any case."""

    async def check() -> ComponentState:
        return ComponentState("ok") if dispatch.is_connected else ComponentState("down", "not_connected")

    services = msgspec.structs.replace(services, components=(*services.components, Component("livekit", check)))
    app = web.Application(middlewares=[observe, answer_errors])
    app[SERVICES] = services
    app.cleanup_ctx.append(jobs.running)
    for resource in (health, metrics):
        for endpoint in resource:
            app.router.add_route(endpoint.method, endpoint.path, handler_of(endpoint))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        port = services.settings.process.worker_metrics_port
        if port is not None:
            try:
                await web.TCPSite(runner, services.settings.process.host, port).start()
                log.info("health and figures at http://%s:%d", *runner.addresses[0][:2])
            except OSError as error:
                log.error("no figures at port %d: %s", port, error.strerror)
        yield
    finally:
        await runner.cleanup()
