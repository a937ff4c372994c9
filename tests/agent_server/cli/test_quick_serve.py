"""``serve`` without the command line's library: what is read here, and what is left to the library."""

import inspect
import subprocess
import sys

import pytest

from agent_server.cli.quick_serve import serve_options
from agent_server.cli.serve import serve
from agent_server.cli.serving import ServeOptions


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], ServeOptions()),
        (["--port", "0"], ServeOptions({"PORT": "0"})),
        (["--port=9000", "--host", "::1"], ServeOptions({"PORT": "9000", "HOST": "::1"})),
        (["--data-dir", "some where", "--workers", "3"], ServeOptions({"DATA_DIR": "some where"}, 3)),
        (["--verbose", "--port", "1", "--port", "2"], ServeOptions({"PORT": "2"}, verbose=True)),
    ],
)
def test_a_plain_serve_is_read_here(arguments: list[str], options: ServeOptions) -> None:
    assert serve_options(["serve", *arguments]) == options


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["call"],
        ["--help"],
        ["serve", "--help"],
        ["serve", "again"],
        ["serve", "--port"],
        ["serve", "--port", "--verbose"],
        ["serve", "--port", "65536"],
        ["serve", "--port", "0x10"],
        ["serve", "--port", "٣"],
        ["serve", "--port", "9" * 5000],
        ["serve", "--workers", "0"],
        ["serve", "--workers", "65"],
        ["serve", "--verbose=yes"],
        ["serve", "--unknown", "1"],
    ],
)
def test_everything_else_is_the_librarys(arguments: list[str]) -> None:
    assert serve_options(arguments) is None


def test_both_have_the_same_options() -> None:
    for name in inspect.signature(serve).parameters:
        assert serve_options(["serve", f"--{name.replace('_', '-')}", "1"]) is not None


def test_a_server_loads_neither_the_library_nor_what_it_loads() -> None:
    code = (
        "import sys; from agent_server.cli import quick_serve, serving, outcome, early_database; "
        "from agent_server import server, app, assembly; "
        "print(*{'typer', 'pydantic', 'rich', 'langgraph', 'openai', 'anthropic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []
