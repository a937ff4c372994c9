"""``/auth/health`` and the usage figures."""

from msgspec import Struct

from crm import http
from crm.http import Request


class Health(Struct, frozen=True):
    """Apollo answers 200 to a bad key too, with ``is_logged_in`` false."""

    healthy: bool = True
    is_logged_in: bool = True


def health() -> Request:
    return http.get("/auth/health", "auth/health")


def usage() -> Request:
    """Calls used and left, by endpoint and window. Needs a master key."""
    return http.send_json("POST", "/usage_stats/api_usage_stats", "usage_stats", {}, idempotent=True)
