"""Whether calls can come in, as far as the settings tell. Pure."""

from agent_server.cli.diagnosis.finding import Finding
from agent_server.settings import Settings


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
