"""``/rest/posts``: publishing in the member's name (the versioned Posts API)."""

import re

import msgspec

from crm import http
from crm.errors import BadAnswer
from crm.http import Request, Response
from crm.linkedin.dialect import GROUP

API_VERSION = "202609"
"""LinkedIn serves a version (year and month) for at least a year after it appears."""
LONGEST_POST = 3000

_RESERVED = re.compile(r"[\\|{}@\[\]()<>#*_~]")
"""Characters with a meaning in LinkedIn's "little text format"; unescaped, a post is cut off or refused."""


def as_commentary(text: str) -> str:
    """Plain text in the little text format."""
    return _RESERVED.sub(lambda match: f"\\{match[0]}", text)


def create(member_id: str, text: str, *, api_version: str = API_VERSION) -> Request:
    """A public text post. Raises ValueError for an empty text or one longer than LinkedIn takes."""
    if not text.strip() or len(text) > LONGEST_POST:
        raise ValueError(f"a post has 1 to {LONGEST_POST} characters")
    body = {
        "author": f"urn:li:person:{member_id}",
        "commentary": as_commentary(text),
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    request = http.send_json("POST", "/rest/posts", GROUP, body, idempotent=False)
    versioned = (("linkedin-version", api_version), ("x-restli-protocol-version", "2.0.0"))
    return msgspec.structs.replace(request, headers=request.headers + versioned)


def created(response: Response) -> str:
    """The new post's urn: it comes in a header, the body is empty."""
    post_id = response.headers.get("x-restli-id") or response.headers.get("x-linkedin-id")
    if not post_id:
        raise BadAnswer("unexpected_answer", "the answer names no post", platform="linkedin", outcome="unknown")
    return post_id
