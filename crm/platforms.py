"""The platforms by name: what the doors, the schedules and the sync know of each, apart from its provider."""

from typing import Literal, get_args

Platform = Literal["close", "apollo", "linkedin"]
PLATFORMS: tuple[Platform, ...] = get_args(Platform)
TWO_WAY = frozenset({"close"})
"""Those that changes made here are sent to."""
NOT_CONNECTED: dict[str, str] = {
    "close": "There is no key for close: set CLOSE_API_KEY.",
    "apollo": "There is no key for apollo: set APOLLO_API_KEY.",
    "linkedin": "Nobody has signed in at linkedin: set LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET, then sign in"
    " (POST /api/linkedin/sign-in).",
}
"""What to do about one that is not connected."""
