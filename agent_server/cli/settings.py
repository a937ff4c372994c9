"""``sales-agent settings``: every setting, with its type, default and meaning."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agent_server.settings import SettingLine


def settings(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array, one object a setting.")] = False,
) -> None:
    """Every setting with its type, default and meaning, and the value in force."""
    import msgspec

    from agent_server.settings import list_settings, load_settings

    found = load_settings()
    lines = list_settings(found)
    if json:
        print(msgspec.json.format(msgspec.json.encode(lines)).decode())
    else:
        _print(lines)
    for warning in found.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _print(lines: "tuple[SettingLine, ...]") -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console()
    theme = ""
    for line in lines:
        if line.theme != theme:
            theme = line.theme
            console.print(Text(f"\n{theme}", style="bold underline"))
        value = Text.assemble((line.name, "bold"), " = ", (line.value, "dim" if line.source == "default" else "green"))
        console.print(value, soft_wrap=True)
        about = f"{line.meaning}. {line.type.capitalize()}; default: {line.default}; from: {line.source}."
        console.print(Padding(Text(about, style="dim"), (0, 0, 0, 4)))
