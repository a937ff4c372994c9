"""``GET /metrics``: the figures of this process in Prometheus' text form."""

import asyncio

from aiohttp import hdrs, web

from agent_server.api.endpoint import Call, Resource
from agent_server.telemetry.crm_figures import look
from agent_server.telemetry.metrics import exposition
from agent_server.web.origins import is_loopback_host
from agent_server.webhooks import figures as webhook_figures

metrics = Resource("metrics", "Figures for monitoring.")


@metrics.get("/metrics", scope=None, summary="Figures for Prometheus", produces="text/plain", errors=(401, 403))
async def get_metrics(call: Call) -> web.Response:
    """Open to this machine alone; from elsewhere it takes a key with the scope `read`, while the database is away one
    that was used in the ten minutes before."""
    if not _is_local(call):
        await call.services.authenticator.authenticate(call.request, "read", known_will_do=True)
    parts = call.services.crm
    await look(parts.store.backlogs, parts.jobs, [*parts.crm.providers], now=parts.now())
    await webhook_figures.look(call.services.webhooks.endpoints)
    body, content_type = await asyncio.to_thread(exposition)
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: content_type})


def _is_local(call: Call) -> bool:
    """A proxy on this machine passes the world on, and so may a foreign name that points here (DNS rebinding)."""
    headers = call.request.headers
    passed_on = hdrs.X_FORWARDED_FOR in headers or hdrs.FORWARDED in headers
    return call.services.origins.loopback and not passed_on and is_loopback_host(call.request.host)
