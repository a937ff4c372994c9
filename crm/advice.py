"""What a person can do about a failure, by its code. Pure."""

from crm.platforms import NOT_CONNECTED

_PASSES = "it is tried again by itself"
_OUTAGE = f"{_PASSES}; if it lasts, is {{base}} right, and does the platform work?"
_SIGN_IN = "the sign-in has ended or was withdrawn: sign in again (POST /api/{platform}/sign-in)"
_ADVICE = {
    "credentials_refused": "the key is refused: store a good one (PUT /api/sync/credentials/{platform}), or set {key}",
    "credential_unreadable": "ENCRYPTION_KEY does not open what is stored: bring the old one back, or store it again",
    "reauthorization_required": _SIGN_IN,
    "client_refused": "the application is refused: are LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET right?",
    "not_permitted": "the key may not do this: give it the rights over there, or take another",
    "other_account": "the key is of another account than the records that are known here: take one of that account, or"
    ' move to this one (PUT /api/sync/credentials/{platform}, "move": true)',
    "quota_exhausted": "credits or plan are used up over there",
    "invalid_base_url": "{base} is no address",
    "record_not_found": "nothing is there: is {base} right?",
    "unexpected_redirect": "{base} leads elsewhere",
    "provider_answered_html": f"a web page answers where the API should: {_OUTAGE}",
    "provider_unreachable": f"there is no connection: {_OUTAGE}",
    "provider_error": _OUTAGE,
    "provider_timeout": _OUTAGE,
    "connection_dropped": _OUTAGE,
    "circuit_open": f"it failed often lately: {_OUTAGE}",
    "rate_limited": f"its limit is used up: {_PASSES}",
}
_OF_ONE = {
    ("linkedin", "credentials_refused"): _SIGN_IN,
    **{(platform, "not_connected"): what for platform, what in NOT_CONNECTED.items()},
}


def told(platform: str, code: str) -> str:
    """The code, and what to do about it where a person can do something or may wonder."""
    advice = _OF_ONE.get((platform, code)) or _ADVICE.get(code)
    if advice is None:
        return code
    name = platform.upper()
    return f"{code}, {advice.format(platform=platform, key=f'{name}_API_KEY', base=f'{name}_API_BASE')}"
