"""``/me/``: whose key this is; the cheapest way to check one."""

from crm import http
from crm.http import Request


def get() -> Request:
    return http.get("/me/", "me:read")
