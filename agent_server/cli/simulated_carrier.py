"""The simulated carriers of ``sales-agent phone``: a call, and what carries it from its beginning to its end."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from agent_server.cli.outcome import CommandError

if TYPE_CHECKING:
    from agent_server.settings import Settings
    from simulators.telnyx.phone_call import TelnyxCall
    from simulators.twilio.phone_call import PhoneCall

CarrierName = Literal["twilio", "telnyx"]
Colleague = Literal["completed", "voicemail", "no-answer", "busy"]

TELNYX_PATH = "/telnyx/v2"
SUGGESTED = {"TELNYX_API_KEY": "simulated-telnyx-key", "TELNYX_API_BASE": f"http://127.0.0.1:8091{TELNYX_PATH}"}


def twilio_call(
    settings: "Settings", address: str, calls_from: str, colleague: Colleague
) -> "tuple[PhoneCall, Coroutine[Any, Any, None]]":
    """Raises CommandError."""
    from simulators.twilio.phone_call import ACCOUNT_SID, PhoneCall

    token = settings.telephony.twilio_auth_token
    if token is None:
        raise CommandError("TWILIO_AUTH_TOKEN is not set; give the server and this command the same one.")
    call = PhoneCall(
        f"{address}/telephony/twilio/voice",
        auth_token=token,
        account_sid=settings.telephony.twilio_account_sid or ACCOUNT_SID,
        calls_from=calls_from,
        colleague=colleague,
    )
    return call, call.run()


def telnyx_call(
    settings: "Settings", address: str, calls_from: str, colleague: Colleague
) -> "tuple[TelnyxCall, Coroutine[Any, Any, None]]":
    """The server commands the call where ``TELNYX_API_BASE`` points, so the carrier is there. Raises CommandError."""
    from simulators.telnyx.phone_call import TelnyxCall
    from simulators.telnyx.signing import public_key

    telephony = settings.telephony
    api_key, base = telephony.telnyx_api_key, urlsplit(telephony.telnyx_api_base)
    is_ours = base.scheme == "http" and base.path == TELNYX_PATH and base.port is not None
    if api_key is None or not is_ours or telephony.telnyx_public_key != public_key(api_key):
        wanted = SUGGESTED | {"TELNYX_PUBLIC_KEY": public_key(SUGGESTED["TELNYX_API_KEY"])}
        lines = "\n".join(f"{name}={value}" for name, value in wanted.items())
        raise CommandError(f"Give the server and this command the settings of a simulated account:\n{lines}")
    call = TelnyxCall(f"{address}/telephony/telnyx/calls", api_key=api_key, calls_from=calls_from, colleague=colleague)
    return call, _carried(call, api_key, base.hostname or "", base.port or 0)


async def _carried(call: "TelnyxCall", api_key: str, host: str, port: int) -> None:
    from simulators.app import start
    from simulators.config import SimulatorConfig

    try:
        simulators = await start(SimulatorConfig(keys={"telnyx": api_key}), host, port)
    except OSError as error:
        message = f"TELNYX_API_BASE: port {port} of {host} is taken; give the server and this command another one."
        raise CommandError(message) from error
    async with simulators:
        await simulators.telnyx.carry(call)
