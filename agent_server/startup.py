"""Builds what the doors of a process share, in parallel, and takes it down again."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Any

from msgspec import structs

from agent_server.admission import Admission
from agent_server.auth import Authenticator
from agent_server.client_address import AddressLimit, is_loopback
from agent_server.database_watch import keep_running
from agent_server.engines import EMBEDDED_STT, chosen_stt, engine_components, start_engines
from agent_server.first_key import own_key
from agent_server.instructions import default_instructions
from agent_server.metrics import watch_event_loop
from agent_server.origins import ANY_ORIGIN, OriginPolicy, normal_origin
from agent_server.own_tools import own_tools
from agent_server.parts import Parts
from agent_server.realtime.session import SessionConfig
from agent_server.services import Component, ComponentState, Services
from agent_server.settings import ProcessSettings, Settings, SettingsError
from pipelines.conversation.ports import Engines
from pipelines.conversation.settings import ConversationSettings
from storage.api_keys import ApiKeys
from storage.client_secrets import ClientSecrets
from storage.conversation_log import ConversationLog
from storage.conversations import Conversations
from storage.database import Database, open_database
from storage.embedded import EmbeddedPostgres
from storage.errors import StorageError
from storage.migrate import migrate
from storage.secret_tokens import utc_now

log = logging.getLogger(__name__)

DEFAULT_CONVERSATIONS_EMBEDDED = 20
"""One PocketSphinx process decodes about a tenth of real time an utterance, and a caller speaks half of the time."""

DEFAULT_CONVERSATIONS_CLOUD = 100
SYNTHESES_AT_ONCE = 4
_PURGE_EVERY_S = 600.0
EMBEDDED_DIRECTORY = "postgres"
"""Of the embedded database, in the data directory."""


StartEngines = Callable[[Settings, Parts], Coroutine[Any, Any, Engines]]


@asynccontextmanager
async def running_services(
    settings: Settings, *, start_engines: StartEngines = start_engines, on_new_key: Callable[[str], None] | None = None
) -> AsyncIterator[Services]:
    """Everything started; stopped in reverse order when the block ends.

    ``on_new_key`` is given the key this server made for itself, once in its life. Raises SettingsError, StorageError
    or what the engine that failed raised; nothing is left running then.
    """
    check_exposure(settings.process)
    began = time.perf_counter()
    parts = Parts()
    try:
        engines, (database, conversation_log) = await _start_all(settings, parts, start_engines)
        services = _assemble(settings, database, conversation_log, engines)
        await _let_first_key_in(settings.process, services.api_keys, on_new_key)
        _look_after("event loop watch", watch_event_loop(), parts)
        _look_after("expired secrets", _purge_secrets(services.client_secrets), parts)
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
    settings: Settings, parts: Parts, start_engines: StartEngines
) -> tuple[Engines, tuple[Database, ConversationLog]]:
    try:
        async with asyncio.TaskGroup() as group:
            engines = group.create_task(start_engines(settings, parts))
            storing = group.create_task(_start_storage(settings.process, parts))
    except BaseExceptionGroup as failures:
        # The first failure is the cause; the others were cancelled for it.
        raise _first(failures) from failures
    return engines.result(), storing.result()


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _start_storage(process: ProcessSettings, parts: Parts) -> tuple[Database, ConversationLog]:
    if process.recordings_dir is not None:
        process.recordings_dir.mkdir(parents=True, exist_ok=True)
    if process.database_url:
        return await _open_storage(process.database_url, process, parts)
    embedded = EmbeddedPostgres(process.data_dir / EMBEDDED_DIRECTORY)
    dsn = await parts.start("database", embedded.start, lambda _: embedded.aclose(), stop_timeout_s=60.0)
    database, conversation_log = await _open_storage(dsn, process, parts)
    _look_after("database watch", keep_running(embedded, database), parts)
    return database, conversation_log


async def _open_storage(dsn: str, process: ProcessSettings, parts: Parts) -> tuple[Database, ConversationLog]:
    await parts.start("schema", lambda: migrate(dsn))
    # The log has a connection of its own: no list that somebody asks for holds up what is being said.
    shared = process.database_connections - 1
    database = await parts.start("connections", lambda: open_database(dsn, max_connections=shared), _close_database)
    log_database = await parts.start("log connection", lambda: open_database(dsn, max_connections=1), _close_database)
    conversation_log = ConversationLog(log_database)
    conversation_log.start()
    parts.on_stop("conversation log", conversation_log.aclose)
    return database, conversation_log


async def _close_database(database: Database) -> None:
    await database.aclose()


def _assemble(settings: Settings, database: Database, conversation_log: ConversationLog, engines: Engines) -> Services:
    process = settings.process
    api_keys, client_secrets = ApiKeys(database), ClientSecrets(database)
    engines = structs.replace(engines, tools={**own_tools(settings, database), **engines.tools})
    return Services(
        settings=settings,
        database=database,
        conversations=Conversations(database),
        conversation_log=conversation_log,
        api_keys=api_keys,
        client_secrets=client_secrets,
        authenticator=Authenticator(
            api_keys, client_secrets, trusted_proxies=[ip_network(entry) for entry in process.trusted_proxies]
        ),
        admission=Admission(conversation_limit(settings), durable=lambda: conversation_log.healthy),
        origins=origin_policy(process),
        widget_visits=AddressLimit(
            burst=process.widget_sessions_per_minute, per_minute=process.widget_sessions_per_minute
        ),
        engines=engines,
        synthesis=asyncio.Semaphore(SYNTHESES_AT_ONCE),
        session_defaults=SessionConfig(instructions=default_instructions(process.agent_name, process.company_name)),
        conversation_defaults=ConversationSettings(
            recognizer_turns=engines.stt.detects_turns,
            own_tools=tuple(tool.spec for tool in engines.tools.values()),
            model_rungs=len(engines.models),
            voice_rungs=len(engines.voices),
        ),
        components=(
            Component("database", lambda: _check_database(database)),
            Component("conversation_log", lambda: _check_log(conversation_log)),
            *engine_components(engines),
        ),
        utc_now=utc_now,
    )


def conversation_limit(settings: Settings) -> int:
    """How many conversations the process takes."""
    if settings.process.max_conversations is not None:
        return settings.process.max_conversations
    embedded = chosen_stt(settings.speech) == EMBEDDED_STT
    return DEFAULT_CONVERSATIONS_EMBEDDED if embedded else DEFAULT_CONVERSATIONS_CLOUD


def origin_policy(process: ProcessSettings) -> OriginPolicy:
    allowed = (entry if entry == ANY_ORIGIN else normal_origin(entry) for entry in process.allowed_origins)
    return OriginPolicy(
        allowed=frozenset(entry for entry in allowed if entry is not None),
        public_origin=normal_origin(process.public_url) if process.public_url else None,
        loopback=is_loopback(process.host),
    )


async def _let_first_key_in(
    process: ProcessSettings, api_keys: ApiKeys, on_new_key: Callable[[str], None] | None
) -> None:
    key, made = (process.api_key, False) if process.api_key else own_key(process.data_dir)
    record = await api_keys.ensure_first_key(key)
    if record.revoked_at is not None:
        log.warning("the first key was revoked; it opens no door", extra={"fields": {"key_id": record.id}})
    elif made and on_new_key is not None:
        on_new_key(key)


async def _check_database(database: Database) -> ComponentState:
    try:
        return ComponentState("ok", latency_ms=round(await database.ping(), 2))
    except StorageError as error:
        return ComponentState("down", error.code)


async def _check_log(conversation_log: ConversationLog) -> ComponentState:
    waiting = f"{conversation_log.dirty_rows} rows not durable yet"
    return ComponentState("ok" if conversation_log.healthy else "down", waiting)


def _look_after(name: str, work: Coroutine[Any, Any, None], parts: Parts) -> None:
    """Run a task for as long as the parts do."""
    task = asyncio.create_task(work, name=name)

    async def cancel() -> None:
        task.cancel()
        await asyncio.wait([task])

    parts.on_stop(name, cancel)


async def _purge_secrets(client_secrets: ClientSecrets) -> None:
    while True:
        await asyncio.sleep(_PURGE_EVERY_S)
        try:
            await client_secrets.purge()
        except StorageError as error:
            log.warning("expired client secrets stay for now: %s", error.code)


def _log_start(parts: Parts, total_s: float) -> None:
    took = {name.replace(" ", "_") + "_ms": round(seconds * 1000) for name, seconds in parts.seconds.items()}
    log.info("started in %.2f s", total_s, extra={"fields": took})
