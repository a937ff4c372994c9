"""``GET /metrics`` of a worker, the one door it may open: its own requests to CRMs, and what waits."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

from aiohttp import hdrs, web

from agent_server.crm_sync.parts import CrmParts
from agent_server.settings import ProcessSettings
from agent_server.telemetry.crm_figures import look
from agent_server.telemetry.metrics import exposition
from agent_server.web.auth import Authenticator
from agent_server.web.client_address import is_loopback
from agent_server.web.errors import Problem
from agent_server.web.origins import is_loopback_host
from agent_server.web.problems import problem_of
from agent_server.webhooks import figures as webhook_figures
from storage.errors import StorageError
from storage.keys.api_keys import ApiKeys
from storage.keys.client_secrets import ClientSecrets
from storage.postgres.database import Database
from storage.webhooks.endpoints import WebhookEndpoints

_log = logging.getLogger(__name__)


@asynccontextmanager
async def worker_metrics(settings: ProcessSettings, database: Database, parts: CrmParts) -> AsyncIterator[None]:
    """Open at ``WORKER_METRICS_PORT``, where that is set. On loopback it is open to this machine; elsewhere it takes a
    key with the scope ``read``. A port that cannot be had is told, and keeps no work from being done."""
    if settings.worker_metrics_port is None:
        yield
        return
    door = _Door(settings, database, parts)
    app = web.Application()
    app.router.add_get("/metrics", door.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.worker_metrics_port)
        try:
            await site.start()
            _log.info("figures at http://%s:%d/metrics", *runner.addresses[0][:2])
        except OSError as error:
            _log.error("no figures at port %d: %s", settings.worker_metrics_port, error.strerror)
        yield
    finally:
        await runner.cleanup()


class _Door:
    def __init__(self, settings: ProcessSettings, database: Database, parts: CrmParts) -> None:
        self._open = is_loopback(settings.host)
        self._parts = parts
        self._webhooks = WebhookEndpoints(database)
        proxies = [ip_network(entry) for entry in settings.trusted_proxies]
        self._authenticator = Authenticator(ApiKeys(database), ClientSecrets(database), trusted_proxies=proxies)

    async def answer(self, request: web.Request) -> web.Response:
        try:
            if not (self._open and is_loopback_host(request.host)):
                await self._authenticator.authenticate(request, "read", known_will_do=True)
        except (Problem, StorageError) as error:
            problem = problem_of(error)
            assert problem is not None, "both are in the table"
            return web.Response(
                status=problem.status,
                body=problem.body(),
                content_type="application/json",
                headers=problem.response_headers(),
            )
        parts = self._parts
        await look(parts.store.backlogs, parts.jobs, [*parts.crm.providers], now=parts.now())
        await webhook_figures.look(self._webhooks)
        body, content_type = await asyncio.to_thread(exposition)
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: content_type})
