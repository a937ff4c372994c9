"""Which carriers can be asked for calls, from the settings."""

from typing import Literal

from agent_server.settings import Settings, TelephonySettings
from agent_server.telephony.outbound.carrier import Carrier

CarrierName = Literal["twilio", "telnyx"]


def chosen_carrier(telephony: TelephonySettings) -> CarrierName:
    """``OUTBOUND_CARRIER``, else the one with a number to call from; Twilio where both have one, or none."""
    if telephony.outbound_carrier is not None:
        return telephony.outbound_carrier
    is_telnyx = telephony.telnyx_from_number is not None and telephony.twilio_from_number is None
    return "telnyx" if is_telnyx else "twilio"


def carriers_of(telephony: TelephonySettings) -> tuple[Carrier, ...]:
    """The chosen one first, and the other where it is configured: it may have made calls before. Empty: the chosen one
    lacks something (``missing_of``)."""
    chosen, *others = sorted([_twilio(telephony), _telnyx(telephony)], key=lambda each: not _is_chosen(each, telephony))
    if chosen is None or not _is_chosen(chosen, telephony):
        return ()
    return (chosen, *(each for each in others if each is not None))


def missing_of(settings: Settings, carrier: CarrierName | None = None) -> tuple[str, ...]:
    """Settings without which nobody can be called by this carrier, else by the chosen one."""
    telephony = settings.telephony
    carrier = carrier or chosen_carrier(telephony)
    needed = dict(own_settings(telephony, carrier))
    if carrier == "telnyx":
        base, usual = telephony.telnyx_api_base, TelephonySettings().telnyx_api_base
    else:
        base, usual = telephony.twilio_api_base, TelephonySettings().twilio_api_base
    if base == usual:
        needed["PUBLIC_URL"] = settings.process.public_url
    return tuple(name for name, value in needed.items() if value is None)


def own_settings(telephony: TelephonySettings, carrier: CarrierName) -> dict[str, str | None]:
    """What it takes to call by this carrier, of its own."""
    if carrier == "telnyx":
        return {
            "TELNYX_API_KEY": telephony.telnyx_api_key,
            "TELNYX_PUBLIC_KEY": telephony.telnyx_public_key,
            "TELNYX_CONNECTION_ID": telephony.telnyx_connection_id,
            "TELNYX_FROM_NUMBER": telephony.telnyx_from_number,
        }
    return {
        "TWILIO_ACCOUNT_SID": telephony.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": telephony.twilio_auth_token,
        "TWILIO_FROM_NUMBER": telephony.twilio_from_number,
    }


def _is_chosen(carrier: Carrier | None, telephony: TelephonySettings) -> bool:
    return carrier is not None and carrier.name == chosen_carrier(telephony)


def _twilio(telephony: TelephonySettings) -> Carrier | None:
    account, token, number = telephony.twilio_account_sid, telephony.twilio_auth_token, telephony.twilio_from_number
    if account is None or token is None or number is None:
        return None
    from agent_server.telephony.twilio.dialling import TwilioDialling  # noqa: PLC0415 - only where there is an account

    return TwilioDialling(telephony.twilio_api_base, account, token, number)


def _telnyx(telephony: TelephonySettings) -> Carrier | None:
    api_key, number = telephony.telnyx_api_key, telephony.telnyx_from_number
    connection, public_key = telephony.telnyx_connection_id, telephony.telnyx_public_key
    if api_key is None or public_key is None or number is None or connection is None:
        return None
    from agent_server.telephony.telnyx.dialling import TelnyxDialling  # noqa: PLC0415 - only where there is an account

    return TelnyxDialling(telephony.telnyx_api_base, api_key, connection, number)
