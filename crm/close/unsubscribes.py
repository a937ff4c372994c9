"""``/unsubscribe/email/``: addresses that get nothing automatic any more, whichever contacts have them."""

from crm import http
from crm.http import Request

WRITE = "unsubscribe_email:write"


def create(address: str) -> Request:
    """Again changes nothing."""
    return http.send_json("POST", "/unsubscribe/email/", WRITE, {"email": address}, idempotent=True)
