"""Which addresses a connection may go to, looked at when it is made.

A name is resolved once for each connection, what it resolves to is checked, and the connection goes to just that
address: a name that answers differently the second time gains nothing.
"""

import re
import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from msgspec import Struct

from pipelines.tools.tech_stack.addresses import is_public

PORTS: Final = frozenset({80, 443})
_ENDS_IN_NUMBER: Final = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$", re.IGNORECASE)
"""No name ends so (URL Standard, "ends in a number"): it is an address, written in a way resolvers read differently."""


class Guard(Struct, frozen=True):
    """What may be connected to."""

    allows_address: Callable[[str], bool] = is_public
    ports: frozenset[int] = PORTS


class AddressRefused(OSError):  # noqa: N818 - names the fact
    """The name leads to an address that may not be connected to."""


class GuardedResolver(AbstractResolver):
    """For a connector without a cache of names. An address written as such never meets it: see ``may_name``."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises AddressRefused."""
        found = await self._inner.resolve(host, port, family)
        # One bad address spoils the name: an honest site has none.
        if not all(self._guard.allows_address(entry["host"]) for entry in found):
            raise AddressRefused("address not allowed")
        return found

    async def close(self) -> None:
        await self._inner.close()


def may_name(host: str, guard: Guard) -> bool:
    """Whether a host of a URL is a name, which is looked at when it is resolved, or an address that is allowed."""
    try:
        ip_address(host)
    except ValueError:
        return not _ENDS_IN_NUMBER.search(host)
    return guard.allows_address(host)
