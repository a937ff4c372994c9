"""The services of others: asked over HTTP, all at once."""

from contextlib import suppress
from functools import partial
from typing import Any

import aiohttp
import msgspec

from agent_server.cli.diagnosis.finding import Finding
from agent_server.cli.diagnosis.probes import Probe, probes, verdict
from agent_server.cli.diagnosis.run import Check
from agent_server.settings import Settings

MAX_BODY_BYTES = 1024 * 1024
"""What is read of an answer; model lists are the longest."""


def service_checks(settings: Settings, session: aiohttp.ClientSession) -> list[Check]:
    return [Check(probe.part, partial(_ask, session, probe)) for probe in probes(settings)]


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
