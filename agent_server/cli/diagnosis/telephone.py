"""Whether calls can come in and go out, as far as the settings tell. Pure."""

from agent_server.cli.diagnosis.finding import Finding
from agent_server.settings import Settings
from agent_server.telephony.outbound.carriers import chosen_carrier, missing_of


def telephone(settings: Settings) -> Finding:
    telephony, public_url = settings.telephony, settings.process.public_url
    if telephony.twilio_auth_token is None:
        return Finding("telephone", "off", "set TWILIO_AUTH_TOKEN and PUBLIC_URL to answer a number at Twilio")
    if public_url is None:
        return Finding("telephone", "embedded", "for sales-agent phone alone; set PUBLIC_URL for calls from Twilio")
    if not public_url.startswith("https://"):
        return Finding("telephone", "failed", "PUBLIC_URL must begin with https: Twilio streams to nothing else")
    transfer = telephony.transfer_number or "nobody, TRANSFER_NUMBER is not set"
    return Finding(
        "telephone",
        "ok",
        f"at Twilio, have calls POST to {public_url}/telephony/twilio/voice; who wants a person gets: {transfer}",
    )


def telnyx(settings: Settings) -> Finding:
    """Calls that come in by Telnyx."""
    telephony, public_url = settings.telephony, settings.process.public_url
    needed = {
        "TELNYX_API_KEY": telephony.telnyx_api_key,
        "TELNYX_PUBLIC_KEY": telephony.telnyx_public_key,
        "PUBLIC_URL": public_url,
    }
    missing = [name for name, value in needed.items() if value is None]
    if telephony.telnyx_api_key is None and telephony.telnyx_public_key is None:
        return Finding("telephone by telnyx", "off", f"set {', '.join(missing)} to answer a number at Telnyx")
    if public_url is None or missing:
        return Finding("telephone by telnyx", "failed", f"set {', '.join(missing)} as well")
    if not public_url.startswith("https://"):
        return Finding("telephone by telnyx", "failed", "PUBLIC_URL must begin with https: Telnyx streams to it")
    transfer = telephony.transfer_number or "nobody, TRANSFER_NUMBER is not set"
    return Finding(
        "telephone by telnyx",
        "ok",
        f"at Telnyx, have webhooks go to {public_url}/telephony/telnyx/calls; who wants a person gets: {transfer}",
    )


def calling(settings: Settings) -> Finding:
    telephony, missing = settings.telephony, missing_of(settings)
    carrier = chosen_carrier(telephony)
    number = telephony.telnyx_from_number if carrier == "telnyx" else telephony.twilio_from_number
    if number is None and telephony.outbound_carrier is None:
        return Finding("calling people", "off", f"set {', '.join(missing)} to have the agent call people")
    if missing:
        return Finding("calling people", "failed", f"to call through {carrier}, set {', '.join(missing)} as well")
    return Finding(
        "calling people",
        "ok",
        f"through {carrier} from {number}, {telephony.calling_hours} by the clock of who is called, with consent: "
        f"{', '.join(telephony.call_consent)}; at most {telephony.call_attempts_per_day} times a day",
    )
