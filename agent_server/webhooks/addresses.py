"""Where webhooks may go: anywhere on the public internet by HTTPS; elsewhere where the operator allows it. Pure."""

from ipaddress import ip_address
from typing import Final

from msgspec import Struct
from yarl import URL

from agent_server.settings import Settings
from agent_server.web.client_address import is_loopback
from agent_server.web.errors import Problem
from pipelines.tools.tech_stack.addresses import is_public
from pipelines.tools.tech_stack.guard import Guard, may_name

MOST_CHARS: Final = 2000
_SCHEMES: Final = ("https", "http")
_ANY_PORT: Final = frozenset(range(1, 65536))


class Reach(Struct, frozen=True):
    """What beside the public internet may be told, by HTTP as well: programs on this machine, in private networks."""

    loopback: bool = False
    private: bool = False

    def allows(self, address: str, scheme: str) -> bool:
        """Whether a connection may go to an IP address. What is link-local never is: there machines are told their
        secrets."""
        if is_public(address):
            return scheme == "https"
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        if found.is_loopback:
            return self.loopback or self.private
        unfit = found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved
        return self.private and found.is_private and not unfit

    def guard(self, scheme: str) -> Guard:
        """For connections of this scheme."""
        return Guard(allows_address=lambda address: self.allows(address, scheme), ports=_ANY_PORT)


def reach_of(settings: Settings) -> Reach:
    """A server that only this machine can reach may tell programs on it; one behind a proxy (PUBLIC_URL) may not."""
    process = settings.process
    own = is_loopback(process.host) and process.public_url is None
    return Reach(loopback=own, private=settings.webhooks.private_addresses)


def check_url(text: str, reach: Reach) -> str:
    """The URL as it is kept. What its name leads to is looked at with each connection. Raises Problem (422)
    ``webhook_url_invalid``, ``webhook_url_not_https``, ``webhook_address_not_allowed``."""
    try:
        url = URL(text.strip())
        port = url.port
    except ValueError:
        raise _invalid("This is no web address.") from None
    if url.scheme not in _SCHEMES or not url.host or port is None or len(text) > MOST_CHARS:
        raise _invalid("This is no web address such as https://example.com/webhooks.")
    if url.user is not None or url.password is not None or url.fragment:
        raise _invalid("Leave out the user, the password and what follows '#'; the signature says who sends.")
    if url.scheme == "http" and not (reach.loopback or reach.private):
        message = (
            "Webhooks go out by HTTPS. With WEBHOOK_PRIVATE_ADDRESSES they may go to private networks by HTTP too."
        )
        raise Problem(422, "webhook_url_not_https", message, param="url")
    if not may_name(url.host, reach.guard(url.scheme)):
        message = "This address is not on the public internet, or would be told without HTTPS."
        raise Problem(422, "webhook_address_not_allowed", message, param="url")
    return str(url)


def _invalid(message: str) -> Problem:
    return Problem(422, "webhook_url_invalid", message, param="url")
