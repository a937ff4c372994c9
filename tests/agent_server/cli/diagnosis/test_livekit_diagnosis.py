from collections.abc import AsyncIterator

import jwt
import pytest
from aiohttp import web

from agent_server.cli.diagnosis.livekit import livekit
from agent_server.settings import TelephonySettings

SECRET = "a-secret-of-livekit-with-enough-characters"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Answers ``ListRooms`` as LiveKit does."""

    async def list_rooms(request: web.Request) -> web.Response:
        try:
            claims = jwt.decode(request.headers["Authorization"].removeprefix("Bearer "), SECRET, algorithms=["HS256"])
        except jwt.InvalidTokenError:
            return web.json_response({"code": "unauthenticated", "msg": "invalid token"}, status=401)
        assert claims["video"]["roomList"] is True
        return web.Response(body=b"", content_type="application/protobuf")

    app = web.Application()
    app.router.add_post("/twirp/livekit.RoomService/ListRooms", list_rooms)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield "ws://{}:{}".format(*runner.addresses[0][:2])
    await runner.cleanup()


async def test_it_is_off_or_incomplete_or_tried_with_its_keys(url: str) -> None:
    assert (await livekit(TelephonySettings())).state == "off"
    alone = await livekit(TelephonySettings(livekit_url=url))
    assert (alone.state, "LIVEKIT_API_SECRET" in alone.detail) == ("failed", True)
    right = await livekit(TelephonySettings(livekit_url=url, livekit_api_key="k", livekit_api_secret=SECRET))
    assert (right.state, right.detail) == ("ok", "takes the keys; rooms ask for it as sales-agent")
    wrong = await livekit(TelephonySettings(livekit_url=url, livekit_api_key="k", livekit_api_secret="w" * 40))
    assert (wrong.state, wrong.detail) == ("failed", "refuses the keys")
    away = TelephonySettings(livekit_url="ws://127.0.0.1:1", livekit_api_key="k", livekit_api_secret=SECRET)
    assert (await livekit(away)).detail.startswith("cannot be reached")
