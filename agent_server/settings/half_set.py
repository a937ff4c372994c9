"""Settings that do nothing until others are set as well. Pure."""

from collections.abc import Callable
from typing import Final

_TOGETHER: Final[tuple[tuple[str, ...], ...]] = (
    ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"),
    ("TELNYX_API_KEY", "TELNYX_PUBLIC_KEY"),
    ("LINKEDIN_CLIENT_ID", "LINKEDIN_CLIENT_SECRET"),
    ("RUNPOD_API_KEY", "RUNPOD_VLLM_API_BASE"),
    ("BROWSERBASE_API_KEY", "BROWSERBASE_PROJECT_ID"),
    ("CALDAV_USERNAME", "CALDAV_PASSWORD"),
    ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"),
)
_ALONE_NOTHING: Final[dict[str, str]] = {
    "TWILIO_ACCOUNT_SID": "TWILIO_AUTH_TOKEN",
    "TWILIO_FROM_NUMBER": "TWILIO_AUTH_TOKEN",
    "TELNYX_FROM_NUMBER": "TELNYX_API_KEY",
    "TELNYX_CONNECTION_ID": "TELNYX_API_KEY",
    "CALDAV_USERNAME": "CALDAV_URL",
    "INVITATION_FROM": "SMTP_URL",
    "CLOSE_WEBHOOK_SIGNATURE_KEY": "CLOSE_API_KEY",
}


def half_set(is_set: Callable[[str], bool]) -> list[str]:
    """One sentence for each lot of settings of which only some are set. ``is_set``: by variable."""
    found = []
    for names in _TOGETHER:
        given, missing = [name for name in names if is_set(name)], [name for name in names if not is_set(name)]
        if given and missing:
            found.append(_told(given, missing))
    found += [_told([name], [needed]) for name, needed in _ALONE_NOTHING.items() if is_set(name) and not is_set(needed)]
    return found


def _told(given: list[str], missing: list[str]) -> str:
    return f"{' and '.join(given)} without {' and '.join(missing)} has no effect."
