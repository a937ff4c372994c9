"""Settings of the telephone: LiveKit, Twilio, Telnyx."""

from typing import Annotated, Literal

from msgspec import Meta

from agent_server.settings.field import BaseUrl, Group, Key, SocketUrl, setting

PhoneNumber = Annotated[
    str,
    Meta(pattern=r"^\+[1-9][0-9]{6,14}$", extra={"allowed": "a number with its country code, such as +14155550132"}),
]

PublicKey = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9+/]{43}=$", extra={"allowed": "an Ed25519 key in Base64, as Telnyx shows it"})
]


class TelephonySettings(Group, frozen=True, kw_only=True):
    livekit_url: Annotated[SocketUrl | None, setting("LIVEKIT_URL", "Address of the LiveKit server")] = None
    livekit_api_key: Annotated[Key | None, setting("LIVEKIT_API_KEY", "Key of LiveKit", secret=True)] = None
    livekit_api_secret: Annotated[Key | None, setting("LIVEKIT_API_SECRET", "Secret of LiveKit", secret=True)] = None
    livekit_agent_name: Annotated[
        Annotated[str, Meta(max_length=100)],
        setting("LIVEKIT_AGENT_NAME", "Name by which rooms ask LiveKit for this agent; empty: every new room gets it"),
    ] = "sales-agent"
    twilio_account_sid: Annotated[str | None, setting("TWILIO_ACCOUNT_SID", "Account at Twilio")] = None
    twilio_auth_token: Annotated[
        Key | None, setting("TWILIO_AUTH_TOKEN", "Token of Twilio; also proves its webhooks", secret=True)
    ] = None
    twilio_api_base: Annotated[BaseUrl, setting("TWILIO_API_BASE", "Address of Twilio")] = "https://api.twilio.com"
    twilio_from_number: Annotated[
        PhoneNumber | None, setting("TWILIO_FROM_NUMBER", "Number at Twilio from which people are called")
    ] = None
    outbound_carrier: Annotated[
        Literal["twilio", "telnyx"] | None,
        setting("OUTBOUND_CARRIER", "Who calls people; unset: the one with a number to call from, of both Twilio"),
    ] = None
    calling_hours: Annotated[
        str, setting("CALLING_HOURS", "When people may be called, by their own clock; 08:00-21:00 is the widest")
    ] = "08:00-21:00"
    call_consent: Annotated[
        tuple[Literal["express", "express_written", "existing_relationship"], ...],
        setting(
            "CALL_CONSENT", "Kinds of consent that are enough; in the US an artificial voice that sells needs this one"
        ),
    ] = ("express_written",)
    call_attempts_per_day: Annotated[
        Annotated[int, Meta(ge=1, le=20)],
        setting("CALL_ATTEMPTS_PER_DAY", "How often a person is dialled within any 24 hours; some states allow 3"),
    ] = 3
    calls_per_second: Annotated[
        Annotated[float, Meta(ge=0.1, le=100)],
        setting("CALLS_PER_SECOND", "Calls dialled per second by all processes, as the account allows"),
    ] = 1.0
    voicemail: Annotated[
        Literal["message", "hang_up"], setting("VOICEMAIL", "What a voicemail gets that answers a call of ours")
    ] = "message"
    telnyx_api_key: Annotated[Key | None, setting("TELNYX_API_KEY", "Key of Telnyx", secret=True)] = None
    telnyx_public_key: Annotated[
        PublicKey | None, setting("TELNYX_PUBLIC_KEY", "Public key that proves webhooks of Telnyx")
    ] = None
    telnyx_api_base: Annotated[BaseUrl, setting("TELNYX_API_BASE", "Address of Telnyx")] = "https://api.telnyx.com/v2"
    telnyx_connection_id: Annotated[
        str | None, setting("TELNYX_CONNECTION_ID", "Voice API application at Telnyx by which people are called")
    ] = None
    telnyx_from_number: Annotated[
        PhoneNumber | None, setting("TELNYX_FROM_NUMBER", "Number at Telnyx from which people are called")
    ] = None
    transfer_number: Annotated[
        PhoneNumber | None,
        setting(
            "TRANSFER_NUMBER",
            "Telephone number of a colleague, to whom callers who want a person are put through; a profile may name"
            " another",
        ),
    ] = None
    transfer_announcement: Annotated[
        Literal["key", "tell", "off"],
        setting(
            "TRANSFER_ANNOUNCEMENT",
            "What the colleague hears first; key: who calls and why, and takes the call by pressing a key, which no"
            " voicemail does; tell: who calls and why; off: nothing. Of calls by Twilio",
        ),
    ] = "key"
