"""The services of others: asked over HTTP, all at once."""

from contextlib import suppress
from functools import partial
from typing import Any

import aiohttp
import msgspec

from agent_server.cli.diagnosis.finding import Finding
from agent_server.cli.diagnosis.livekit import livekit
from agent_server.cli.diagnosis.probes import Probe, probes, verdict
from agent_server.cli.diagnosis.recordings import recordings
from agent_server.cli.diagnosis.run import Check
from agent_server.cli.diagnosis.telephone import calling, telephone, telnyx
from agent_server.meetings.meeting_calendar import caldav_server
from agent_server.settings import CalendarSettings, Settings
from pipelines.calendar.caldav_server import LOAD_DEADLINE_S, CaldavError

_CALENDAR_CODES = {
    "caldav_unreachable": "cannot be reached",
    "caldav_timeout": "does not answer in time",
    "caldav_unauthorised": "refuses CALDAV_USERNAME and CALDAV_PASSWORD; where it wants OAuth it cannot be used",
    "caldav_not_found": "CALDAV_URL does not exist there",
    "caldav_no_calendar": "CALDAV_URL is there but is no calendar; give the address of the calendar itself",
}

MAX_BODY_BYTES = 1024 * 1024
"""What is read of an answer; model lists are the longest."""


def service_checks(settings: Settings, session: aiohttp.ClientSession) -> list[Check]:
    asked = [Check(probe.part, partial(_ask, session, probe)) for probe in probes(settings)]
    return [
        *asked,
        Check("calendar", partial(_calendar, settings.calendar), LOAD_DEADLINE_S),
        Check("livekit", partial(livekit, settings.telephony)),
        Check("telephone", partial(_telephone, settings)),
        Check("telephone by telnyx", partial(_telnyx, settings)),
        Check("calling people", partial(_calling, settings)),
        Check("call recordings", partial(recordings, settings), 10.0),
    ]


async def _telephone(settings: Settings) -> Finding:
    return telephone(settings)


async def _telnyx(settings: Settings) -> Finding:
    return telnyx(settings)


async def _calling(settings: Settings) -> Finding:
    return calling(settings)


async def _calendar(settings: CalendarSettings) -> Finding:
    server = caldav_server(settings)
    if server is None:
        return Finding("calendar", "embedded", "its own; set CALDAV_URL to keep meetings in yours as well")
    try:
        await server.check()
    except CaldavError as error:
        return Finding("calendar", "failed", _CALENDAR_CODES.get(error.code, error.code))
    finally:
        await server.close()
    return Finding("calendar", "ok", "CALDAV_URL is a calendar that can be read")


async def _ask(session: aiohttp.ClientSession, probe: Probe) -> Finding:
    try:
        async with session.get(probe.url, headers=probe.headers, allow_redirects=False) as reply:
            data = await reply.content.read(MAX_BODY_BYTES)
            works, why = verdict(probe, reply.status, _decoded(data))
    except aiohttp.ClientError as error:
        return Finding(probe.part, "failed", f"cannot be reached: {_cause(error)}")
    return Finding(probe.part, "ok" if works else "failed", why)


def _decoded(data: bytes) -> Any:
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(data)
    return None


def _cause(error: aiohttp.ClientError) -> str:
    """In a few words, without the address: that is in the settings, and may carry a password."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not trusted"
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error.strerror or "no connection"
    return type(error).__name__
