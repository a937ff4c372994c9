"""``sales-agent webhooks``: hear on this machine what other programs would be told."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent_server.cli.command import command
from agent_server.cli.outcome import DONE, CommandError

if TYPE_CHECKING:
    from agent_server.cli.webhook_endpoint import Added
    from simulators.webhook_receiver import Received, WebhookReceiver

webhooks = typer.Typer(help="Webhooks: hear what other programs are told.", no_args_is_help=True)


@webhooks.callback()
def _group() -> None:
    """One command so far."""


@webhooks.command()
@command
def listen(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = 8099,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    event: Annotated[list[str] | None, typer.Option(help="Kind of event to hear of; several may be named.")] = None,
    words: Annotated[bool, typer.Option("--words", help="Hear what people said, too.")] = False,
    secret: Annotated[
        str | None, typer.Option(help="Secret of a webhook that is there; unset: one is added until this ends.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Address of the server; unset: that of HOST and PORT.")] = None,
    api_key: Annotated[
        str | None,
        typer.Option(
            envvar="SALES_AGENT_API_KEY", help="Key; unset: the one that a server on this machine made for itself."
        ),
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where that server keeps it; unset: DATA_DIR.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one event a line, as it came.")] = False,
) -> int:
    """Print each event once its signature is found good, until Ctrl-C."""
    from agent_server.cli.own_server import key_for, own_process
    from agent_server.cli.webhook_endpoint import added
    from simulators.webhook_receiver import WebhookReceiver

    process = own_process()
    server = (url or process.loopback_address).rstrip("/")
    receiver = WebhookReceiver(secret or "", told=_print_line if json else _print)
    if secret is not None:
        return asyncio.run(_listen(receiver, host, port, None))
    key = api_key or key_for(server, process, data_dir)
    there = added(server, key, events=event or ["*"], include_words=words)
    return asyncio.run(_listen(receiver, host, port, there))


async def _listen(receiver: "WebhookReceiver", host: str, port: int, there: "Added | None") -> int:
    """``there``: adds the webhook for as long as it runs."""
    from agent_server.cli.stop_signal import stop_signal

    try:
        await receiver.start(host, port)
    except OSError as error:
        message = f"Port {port} of {host} cannot be used ({os.strerror(error.errno or 0)}); give another --port."
        raise CommandError(message) from error
    async with receiver, AsyncExitStack() as stack:
        if there is not None:
            receiver.secret = await stack.enter_async_context(there(receiver.url))
        with stop_signal() as stop:
            _say(f"Listening at {receiver.url}")
            await stop.wait()
    return DONE


def _print(received: "Received") -> None:
    """For people: what it is, then what it has."""
    if received.problem is not None:
        _say(f"refused: {received.problem}")
        return
    from rich.console import Console
    from rich.json import JSON

    console, event = Console(), received.event
    again = "  [yellow]again[/]" if received.again else ""
    console.print(f"[bold]{event['type']}[/]  [dim]{event['timestamp']}  {received.id}[/]{again}", highlight=False)
    console.print(JSON.from_data(event["data"]), soft_wrap=True)


def _print_line(received: "Received") -> None:
    """For programs."""
    if received.problem is not None:
        _say(f"refused: {received.problem}")
    else:
        print(received.body.decode(), flush=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
