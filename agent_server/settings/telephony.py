"""Settings of the telephone: LiveKit, Twilio, Telnyx."""

from typing import Annotated

from msgspec import Meta

from agent_server.settings.field import BaseUrl, Group, Key, SocketUrl, setting

PhoneNumber = Annotated[
    str,
    Meta(pattern=r"^\+[1-9][0-9]{6,14}$", extra={"allowed": "a number with its country code, such as +14155550132"}),
]


class TelephonySettings(Group, frozen=True, kw_only=True):
    livekit_url: Annotated[SocketUrl | None, setting("LIVEKIT_URL", "Address of the LiveKit server")] = None
    livekit_api_key: Annotated[Key | None, setting("LIVEKIT_API_KEY", "Key of LiveKit", secret=True)] = None
    livekit_api_secret: Annotated[Key | None, setting("LIVEKIT_API_SECRET", "Secret of LiveKit", secret=True)] = None
    twilio_account_sid: Annotated[str | None, setting("TWILIO_ACCOUNT_SID", "Account at Twilio")] = None
    twilio_auth_token: Annotated[
        Key | None, setting("TWILIO_AUTH_TOKEN", "Token of Twilio; also proves its webhooks", secret=True)
    ] = None
    twilio_api_base: Annotated[BaseUrl, setting("TWILIO_API_BASE", "Address of Twilio")] = "https://api.twilio.com"
    telnyx_api_key: Annotated[Key | None, setting("TELNYX_API_KEY", "Key of Telnyx", secret=True)] = None
    telnyx_public_key: Annotated[
        str | None, setting("TELNYX_PUBLIC_KEY", "Public key that proves webhooks of Telnyx")
    ] = None
    transfer_number: Annotated[
        PhoneNumber | None,
        setting(
            "TRANSFER_NUMBER", "Telephone number of a colleague, to whom callers who want a person are put through"
        ),
    ] = None
