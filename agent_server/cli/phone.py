"""``sales-agent phone``: calls the server's telephone number through a simulated carrier."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_server.cli.outcome import DONE, FAILED, CommandError
from agent_server.cli.simulated_carrier import CarrierName, Colleague, telnyx_call, twilio_call

if TYPE_CHECKING:
    from agent_server.settings import Settings
    from simulators.telephone.script import ScriptedCaller
    from simulators.telnyx.phone_call import TelnyxCall
    from simulators.twilio.phone_call import PhoneCall


def phone(
    *,
    carrier: Annotated[CarrierName, typer.Option(help="Who carries the call.")] = "twilio",
    wav: Annotated[list[Path] | None, typer.Option(help="Say this recording; several are said in turn.")] = None,
    press: Annotated[str, typer.Option(help="Press these keys at the end, such as 0 for a person.")] = "",
    calls_from: Annotated[str, typer.Option("--from", help="The number you call from; 'anonymous': withheld.")] = (
        "+14155550132"
    ),
    url: Annotated[str | None, typer.Option(help="Address of the server; unset: PUBLIC_URL, or HOST and PORT.")] = None,
    colleague: Annotated[Colleague, typer.Option(help="What becomes of a call that is put through.")] = "completed",
    out: Annotated[Path | None, typer.Option(help="Write what you heard, silence included, to this WAV file.")] = None,
) -> int:
    """One telephone call to the server, as the carrier would bring it: signed webhooks and a media stream.

    The server and this command need the same TWILIO_AUTH_TOKEN; any text will do. For Telnyx, this command tells what
    both need. Ends with 0 when every line was answered, else with 1.
    """
    from agent_server.settings import load_settings
    from simulators.telephone.script import Line, ScriptedCaller

    settings = load_settings()
    lines = [Line(path.name, _telephone_audio(path)) for path in wav or ()]
    if press:
        lines.append(Line(f"keys {press}", keys=press))
    dial = twilio_call if carrier == "twilio" else telnyx_call
    call, carried = dial(settings, _address(url, settings), calls_from, colleague)
    caller = ScriptedCaller(lines)
    asyncio.run(_talk(call, carried, caller))
    _report(call, caller)
    if out is not None:
        _write(out, bytes(call.handset.heard))
    return DONE if all(answer.latency_ms is not None for answer in caller.answers) else FAILED


async def _talk(call: "PhoneCall | TelnyxCall", carried: Coroutine[Any, Any, None], caller: "ScriptedCaller") -> None:
    import aiohttp

    from simulators.telephone.handset import FRAME_MS
    from simulators.telephone.streamed_call import CallFailedError

    clock = asyncio.get_running_loop().time
    running = asyncio.create_task(carried)
    try:
        while not running.done():
            if call.streaming.is_set() and caller.look(call.handset, clock() * 1000):
                call.hang_up()
            await asyncio.sleep(FRAME_MS / 1000)
        await running
    except CallFailedError as error:
        raise CommandError(f"The call failed: {error}") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise CommandError("The server does not answer; is it running?") from error
    finally:
        running.cancel()


def _report(call: "PhoneCall | TelnyxCall", caller: "ScriptedCaller") -> None:
    for answer in caller.answers:
        told = "no answer" if answer.latency_ms is None else f"{answer.latency_ms:.0f} ms"
        print(f"{answer.name}: {told}")
    for text in call.said:
        print(f"told: {text}")
    for number in call.dialled:
        print(f"put through to {number}")
    for text in call.told_colleague:
        print(f"colleague told: {text}")
    ended = "you hung up" if call.ended_by == "caller" else "the server ended the call"
    print(f"{ended}; {call.handset.played_bytes / 8000:.1f} s of speech heard")


def _address(url: str | None, settings: "Settings") -> str:
    process = settings.process
    return (url or process.public_url or process.loopback_address).rstrip("/")


def _telephone_audio(path: Path) -> bytes:
    from agent_server.cli.calling.wav_file import WavError, read_wav
    from pipelines.audio.g711 import ulaw_encode
    from pipelines.audio.resample import resampler

    try:
        pcm = read_wav(path)
    except WavError as error:
        raise CommandError(str(error)) from error
    narrow = resampler(24_000, 8_000)
    return ulaw_encode(narrow.feed(pcm) + narrow.flush())


def _write(path: Path, heard: bytes) -> None:
    import wave

    from pipelines.audio.g711 import ulaw_decode

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(ulaw_decode(heard))
