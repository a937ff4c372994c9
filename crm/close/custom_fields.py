"""``/custom_field/``: the fields an organisation added to leads, contacts and opportunities."""

from typing import Literal

from crm import http
from crm.close.pages import page
from crm.http import Request

Owner = Literal["lead", "contact", "opportunity", "activity"]


def listing(owner: Owner, skip: int = 0) -> Request:
    return page(f"/custom_field/{owner}/", "custom_field:read", skip=skip)


def create(owner: Owner, name: str, kind: str = "text") -> Request:
    """Needs a key of an administrator."""
    body = {"name": name, "type": kind}
    return http.send_json("POST", f"/custom_field/{owner}/", "custom_field:write", body, idempotent=False)
