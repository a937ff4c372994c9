"""Where carriers find this server."""

from aiohttp import web

from agent_server.settings import Settings


def public_address(settings: Settings, request: web.Request, path: str, *, socket: bool = False) -> str:
    """As the carrier knows it. Without ``PUBLIC_URL`` as it was called: who sends another ``Host`` cannot sign it."""
    base = settings.process.public_url or f"{request.scheme}://{request.host}"
    if socket:
        base = f"ws{base.removeprefix('http')}"
    return f"{base}{path}"
