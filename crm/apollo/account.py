"""``/auth/health``: whether the key is good."""

from msgspec import Struct

from crm import http
from crm.http import Request


class Health(Struct, frozen=True):
    """Apollo answers 200 to a bad key too, with ``is_logged_in`` false."""

    healthy: bool = True
    is_logged_in: bool = True


def health() -> Request:
    return http.get("/auth/health", "auth/health")
