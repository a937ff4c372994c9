"""LinkedIn profile addresses in one spelling."""

import re
from urllib.parse import quote, unquote

_PROFILE = re.compile(
    r"(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/(?:mwlite/)?in/([^/?#\s]{3,100})(?:[/?#].*)?", re.IGNORECASE
)


def normalised(text: str | None) -> str | None:
    """``https://www.linkedin.com/in/<name>``, name in lower case and percent-encoded; None for anything else.

    Country hosts (``de.linkedin.com``), tracking parameters and sub-pages of a profile lead to the same person. A name
    of dots alone, however it is encoded, would lead out of the profiles.
    """
    match = _PROFILE.fullmatch((text or "").strip())
    if match is None:
        return None
    name = unquote(match[1]).strip().lower()
    return f"https://www.linkedin.com/in/{quote(name, safe='-_.')}" if name.strip(".") else None
