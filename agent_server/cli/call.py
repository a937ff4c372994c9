"""``sales-agent call``: one conversation from the terminal."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent_server.cli.outcome import DONE, FAILED

if TYPE_CHECKING:
    from agent_server.cli.calling.plan import Plan, Turn
    from agent_server.cli.calling.view import CallResult, CallView

Eagerness = Literal["low", "medium", "high", "auto"]


def call(
    *,
    wav: Annotated[list[Path] | None, typer.Option(help="Speak this recording; several are spoken in turn.")] = None,
    text: Annotated[list[str] | None, typer.Option(help="Type this line; several are typed in turn.")] = None,
    url: Annotated[str | None, typer.Option(help="Address of the server; unset: that of HOST and PORT.")] = None,
    api_key: Annotated[
        str | None,
        typer.Option(
            envvar="SALES_AGENT_API_KEY", help="Key; unset: the one that a server on this machine made for itself."
        ),
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where that server keeps it; unset: DATA_DIR.")] = None,
    model: Annotated[str, typer.Option(help="Model to ask for.")] = "sales-agent",
    conversation: Annotated[str | None, typer.Option(help="Continue the conversation with this id.")] = None,
    spoken: Annotated[
        bool | None,
        typer.Option(
            "--voice/--text-only", help="Whether the agent speaks; unset: it writes to who types.", show_default=False
        ),
    ] = None,
    voice_name: Annotated[str | None, typer.Option(help="Voice the agent speaks with.")] = None,
    instructions: Annotated[str | None, typer.Option(help="Instructions for the agent in this session.")] = None,
    greet: Annotated[
        bool | None,
        typer.Option(
            "--greet/--no-greet", help="Let the agent speak first; unset: unless a WAV begins.", show_default=False
        ),
    ] = None,
    eagerness: Annotated[
        Eagerness | None,
        typer.Option(help="How soon a pause counts as the end of a turn; unset: as the agent is set to."),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds without an answer after which a turn has failed.")] = 30.0,
    out: Annotated[Path | None, typer.Option(help="Write what you heard, gaps included, to this WAV file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one event a line, with its time in ms.")] = False,
) -> int:
    """One conversation from the terminal: spoken from WAV files, typed, or through the microphone.

    Ends with 0 when every turn was answered, else with 1.
    """
    from agent_server.cli.calling.door import UrlError, door_url
    from agent_server.cli.calling.plan import Plan
    from agent_server.cli.own_server import key_for, own_process

    process = own_process()
    url = url or process.loopback_address
    if wav and text:
        raise typer.BadParameter("give --wav or --text, not both: their order would not be known")
    speaks = spoken if spoken is not None else (not text or out is not None)
    if out is not None and not speaks:
        raise typer.BadParameter("--out needs an agent that speaks; leave out --text-only")
    try:
        door = door_url(url, model=model, conversation=conversation)
    except UrlError as error:
        raise typer.BadParameter(str(error)) from error
    plan = Plan(
        turns=_turns(wav, text),
        greet=greet if greet is not None else not wav and conversation is None,
        live=not wav and not text,
        modality="audio" if speaks else "text",
        voice=voice_name,
        instructions=instructions,
        eagerness=eagerness,
        answer_timeout_ms=timeout * 1000,
    )
    return asyncio.run(_call(plan, _view(json), door, api_key or key_for(url, process, data_dir), out))


def _turns(wav: list[Path] | None, text: list[str] | None) -> "tuple[Turn, ...]":
    from agent_server.cli.calling.plan import Spoken, Typed

    if not wav:
        return tuple(Typed(line) for line in text or ())
    from agent_server.cli.calling.wav_file import read_wav

    return tuple(Spoken(str(path), read_wav(path)) for path in wav)


def _view(json: bool) -> "CallView":
    if json:
        from agent_server.cli.calling.event_lines import EventLines

        return EventLines(sys.stdout)
    from rich.console import Console

    from agent_server.cli.calling.transcript import Transcript

    return Transcript(Console())


async def _call(plan: "Plan", view: "CallView", url: str, api_key: str | None, out: Path | None) -> int:
    from agent_server.cli.calling.call import place_call

    hang_up = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, hang_up.set)
    result = await place_call(plan, view, url=url, api_key=api_key, out=out, hang_up=hang_up)
    if not result.is_success:
        print(f"error: {failure_line(result)}", file=sys.stderr)
    return DONE if result.is_success else FAILED


def failure_line(result: "CallResult") -> str:
    """Why a call counts as failed: what ended it, else the first turn without an answer."""
    if result.failure is not None:
        return f"{result.failure.code}: {result.failure.message}"
    unanswered = next(report for report in result.reports if report.failure is not None)
    return f"turn {unanswered.number} was not answered: {unanswered.failure}: {unanswered.message}"
