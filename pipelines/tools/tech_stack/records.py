"""A domain's MX and TXT records."""

import asyncio
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.asyncresolver import Resolver

from pipelines.tools.tech_stack.detection import Records

TIMEOUT_S = 2.0


async def records_of(host: str, resolver: Resolver | None = None) -> Records:
    """Of the host without ``www.``; what cannot be had counts as not there. ``resolver`` None: the machine's own."""
    domain = host.removeprefix("www.")
    mx, txt = await asyncio.gather(_ask(domain, "MX", resolver), _ask(domain, "TXT", resolver))
    return Records(
        mx=tuple(str(record.exchange).rstrip(".") for record in mx),
        txt=tuple(b"".join(record.strings).decode("utf-8", "replace") for record in txt),
    )


async def _ask(domain: str, kind: str, resolver: Resolver | None) -> list[Any]:
    try:
        asked = resolver or dns.asyncresolver.get_default_resolver()
        return list(await asked.resolve(domain, kind, lifetime=TIMEOUT_S, search=False))
    except (dns.exception.DNSException, OSError, ValueError):
        return []
