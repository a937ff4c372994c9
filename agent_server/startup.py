"""Starts a server's parts side by side, and takes them down again.

Helper processes start first: their work needs no Python of ours, and while they boot this process imports what is
heavy. So nothing heavy is imported here by name.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent_server.background.kept_going import Work, kept_going
from agent_server.engines.starting import start_engines
from agent_server.parts import Parts, StartError
from agent_server.settings import ProcessSettings, Settings, SettingsError
from agent_server.stores.database_watch import keep_running
from agent_server.stores.encryption_key import tell_of_another_key
from agent_server.stores.redis_watch import keep_small
from agent_server.telemetry.components import watch
from agent_server.telemetry.metrics import watch_event_loop
from agent_server.telemetry.tracing import start_tracing
from agent_server.web.client_address import is_loopback
from pipelines.loading import loaded
from storage.keys.secret_tokens import utc_now
from storage.postgres.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from agent_server.services import Services
    from agent_server.stores.opening import OpenStorage
    from pipelines.conversation.rim.ports import Engines

log = logging.getLogger(__name__)

DIALLING_STOP_S = 15.0
"""Longer than a request to the carrier takes."""

StartEngines = Callable[[Settings, Parts], Coroutine[Any, Any, "Engines"]]


@asynccontextmanager
async def running_services(
    settings: Settings, *, start_engines: StartEngines = start_engines, on_new_key: Callable[[str], None] | None = None
) -> "AsyncIterator[Services]":
    """Everything started; stopped in reverse order when the block ends.

    ``on_new_key`` is given the key this server made for itself, once in its life. Raises SettingsError, StorageError
    or what the engine that failed raised; nothing is left running then.
    """
    check_exposure(settings.process)
    began = time.perf_counter()
    parts = Parts()
    try:
        services = await _start_all(settings, parts, start_engines, on_new_key)
        _look_after(
            "event loop watch", lambda: watch_event_loop(services.load, lambda: services.admission.active), parts
        )
        from agent_server.engines.model_gateway import prepare  # noqa: PLC0415 - loaded by now

        _look_after("model providers", lambda: prepare(services.engines.gateway), parts)
        _log_start(parts, time.perf_counter() - began)
        yield services
    finally:
        await _to_the_end(parts)


async def _to_the_end(parts: Parts) -> None:
    """Who is cancelled while stopping stops all the same: every part has its own deadline."""
    stopping = asyncio.create_task(parts.stop_all(), name="stop")
    try:
        await asyncio.shield(stopping)
    except asyncio.CancelledError:
        await stopping
        raise


def check_exposure(process: ProcessSettings) -> None:
    """Raises SettingsError when the whole network could reach a server whose key nobody chose."""
    if not is_loopback(process.host) and process.api_key is None:
        raise SettingsError(
            [
                f"HOST={process.host} opens the server to the network: set SALES_AGENT_API_KEY first, "
                "or listen on 127.0.0.1."
            ]
        )


async def _start_all(
    settings: Settings, parts: Parts, start_engines: StartEngines, on_new_key: Callable[[str], None] | None
) -> "Services":
    process = settings.process
    if process.recordings_dir is not None:
        _make_recordings_dir(process.recordings_dir)
    try:
        async with asyncio.TaskGroup() as group:
            starting = group.create_task(start_engines(settings, parts))
            importing = group.create_task(parts.start("imports", lambda: loaded(_import_the_rest)))
            storing = group.create_task(_start_storage(process, parts, importing))
            tracing = group.create_task(start_tracing(settings, parts))
    except BaseExceptionGroup as failures:
        # The first failure is the cause; the others were cancelled for it.
        raise _first(failures) from failures
    from agent_server import assembly  # noqa: PLC0415 - loaded by now
    from agent_server.crm_sync.parts import crm_parts  # noqa: PLC0415

    stored = storing.result()
    opened = crm_parts(settings, stored.database, utc_now)
    crm = await parts.start("crm", opened.__aenter__, lambda _: opened.__aexit__(None, None, None))
    services = assembly.assemble(settings, stored, crm, starting.result(), tracing.result())
    await assembly.let_first_key_in(process, services.api_keys, on_new_key)
    await tell_of_another_key(process, stored.database)
    for name, work in services.meetings.work().items():
        _look_after(name, work, parts)
    parts.on_stop("wishes for no more calls", services.wishes.aclose)
    parts.on_stop("dialling", services.calls.dialler.aclose, stop_timeout_s=DIALLING_STOP_S)
    for name, work in services.calls.work().items():
        _look_after(name, work, parts)
    await services.profiles.refresh()
    _look_after("agent profiles", services.profiles.keep, parts)
    await services.teaching.refresh()
    _look_after("knowledge", services.teaching.keep, parts)
    for name, work in services.call_audio.work().items():
        _look_after(name, work, parts)
    _look_after("documents", services.documents.keep, parts)
    _look_after("campaigns", services.campaigns.keep, parts)
    _look_after("call lists", services.call_lists.keep, parts)
    _look_after("erasures", services.erasures.keep, parts)
    _look_after("old words", services.retention.keep, parts)
    for name, work in services.webhooks.work().items():
        _look_after(name, work, parts)
    _look_after("redis", lambda: keep_small(services.agent_service.redis), parts)
    _look_after("components", lambda: watch(services.components), parts)
    services.agent_service.start()
    parts.on_stop("agents", services.agent_service.aclose)
    _look_after("expired secrets", lambda: assembly.purge_secrets(services.client_secrets), parts)
    _look_after("conversations held", services.presence.keep, parts)
    _look_after("conversations continued elsewhere", services.claims.keep, parts)
    _look_after("changes of leads", services.lead_changes.keep, parts)
    parts.on_stop("supervision", services.supervision.aclose)
    _look_after("supervision", services.switchboard.keep, parts)
    await services.switchboard.began()
    return services


def _make_recordings_dir(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"RECORDINGS_DIR={directory} cannot be made ({error.strerror}): choose another, or leave it unset."
        raise StartError("recordings_dir_unavailable", message) from error


def _import_the_rest() -> None:
    """What the doors need."""
    from agent_server import app, assembly  # noqa: F401, PLC0415


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _start_storage(process: ProcessSettings, parts: Parts, importing: asyncio.Task[None]) -> "OpenStorage":
    embedded = EmbeddedPostgres(process.embedded_database)
    dsn = process.database_url
    if dsn is None:
        dsn = await parts.start("database", embedded.start, lambda _: embedded.aclose(), stop_timeout_s=60.0)
    await importing
    from agent_server.stores.opening import open_storage  # noqa: PLC0415 - loaded by now

    stored = await open_storage(dsn, process, parts)
    if process.database_url is None:
        _look_after("database watch", lambda: keep_running(embedded, stored.database), parts)
    return stored


def _look_after(name: str, work: Work, parts: Parts) -> None:
    """Keep it going for as long as the parts are there."""
    task = asyncio.create_task(kept_going(name, work), name=name)

    async def cancel() -> None:
        task.cancel()
        await asyncio.wait([task])

    parts.on_stop(name, cancel)


def _log_start(parts: Parts, total_s: float) -> None:
    took = {name.replace(" ", "_") + "_ms": round(seconds * 1000) for name, seconds in parts.seconds.items()}
    log.info("started in %.2f s", total_s, extra={"fields": took})
