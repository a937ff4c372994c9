"""A domain's MX and TXT records, asked of the machine's own resolvers."""

import asyncio
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.resolver

from pipelines.tools.tech_stack.detection import Records

TIMEOUT_S = 2.0


async def records_of(host: str) -> Records:
    """Of the host without ``www.``; what cannot be had counts as not there."""
    domain = host.removeprefix("www.")
    mx, txt = await asyncio.gather(_ask(domain, "MX"), _ask(domain, "TXT"))
    return Records(
        mx=tuple(str(record.exchange).rstrip(".") for record in mx),
        txt=tuple(b"".join(record.strings).decode("utf-8", "replace") for record in txt),
    )


async def _ask(domain: str, kind: str) -> list[Any]:
    try:
        return list(await dns.asyncresolver.resolve(domain, kind, lifetime=TIMEOUT_S, search=False))
    except (dns.exception.DNSException, OSError, ValueError):
        return []
