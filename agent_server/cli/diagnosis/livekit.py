"""Whether LiveKit is there and takes our keys."""

import aiohttp

from agent_server.cli.diagnosis.finding import Finding
from agent_server.settings import TelephonySettings

PART = "livekit"


async def livekit(telephony: TelephonySettings) -> Finding:
    url, key, secret = telephony.livekit_url, telephony.livekit_api_key, telephony.livekit_api_secret
    if url is None:
        return Finding(PART, "off", "set LIVEKIT_URL and its keys to take calls with sales-agent livekit")
    if key is None or secret is None:
        return Finding(PART, "failed", "LIVEKIT_URL needs LIVEKIT_API_KEY and LIVEKIT_API_SECRET")
    from livekit import api

    try:
        async with api.LiveKitAPI(url, key, secret, failover=False) as server:
            await server.room.list_rooms(api.ListRoomsRequest(names=["-"]))
    except api.TwirpError as error:
        refused = error.status in (401, 403)
        return Finding(PART, "failed", "refuses the keys" if refused else f"answers with HTTP {error.status}")
    except (aiohttp.ClientError, OSError) as error:
        return Finding(PART, "failed", f"cannot be reached: {type(error).__name__}")
    name = telephony.livekit_agent_name
    asked = f"rooms ask for it as {name}" if name else "every new room gets it"
    return Finding(PART, "ok", f"takes the keys; {asked}")
