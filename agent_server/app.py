"""The application: every door of the server on the services it shares."""

from pathlib import Path

from aiohttp import web

from agent_server.api import docs, registry
from agent_server.crm_sync import jobs
from agent_server.hosting.host import ConversationHost
from agent_server.realtime.door import RealtimeDoor
from agent_server.services import SERVICES, Services
from agent_server.telephony.twilio.door import TwilioDoor
from agent_server.web import pages
from agent_server.web.http_headers import add_headers
from agent_server.web.middlewares import answer_errors, observe
from agent_server.webrtc.door import WebRtcDoor

MAX_BODY_BYTES = 2 * 1024 * 1024
"""For doors that read a body themselves; endpoints of the API have their own, lower limits."""


def make_app(services: Services, *, dist: Path | None = None) -> web.Application:
    """The application, to be run once. ``dist``: the built web client, if it is not where it is built."""
    app = web.Application(middlewares=[observe, answer_errors], client_max_size=MAX_BODY_BYTES)
    app[SERVICES] = services
    app.on_response_prepare.append(add_headers)
    host = ConversationHost(services)
    app.add_routes(RealtimeDoor(services, host).routes())
    webrtc = WebRtcDoor(services, host)
    app.add_routes(webrtc.routes())
    app.on_shutdown.append(webrtc.end_calls)
    if services.settings.telephony.twilio_auth_token is not None:
        twilio = TwilioDoor(services, host)
        app.add_routes(twilio.routes())
        app.cleanup_ctx.append(twilio.running)
    _add_telnyx(app, services, host)
    app.add_routes(registry.routes())
    app.add_routes(docs.routes())
    app.cleanup_ctx.append(jobs.running)
    app.add_routes(pages.routes(dist or pages.DIST))
    return app


def _add_telnyx(app: web.Application, services: Services, host: ConversationHost) -> None:
    api_key, public_key = services.settings.telephony.telnyx_api_key, services.settings.telephony.telnyx_public_key
    if api_key is None or public_key is None:
        return
    from agent_server.telephony.telnyx.door import TelnyxDoor  # noqa: PLC0415 - only where there is an account

    telnyx = TelnyxDoor(services, host, api_key, public_key)
    app.add_routes(telnyx.routes())
    app.cleanup_ctx.append(telnyx.running)
