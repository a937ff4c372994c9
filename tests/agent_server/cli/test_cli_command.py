"""Exit codes and error lines, which every command has in common."""

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from agent_server.cli import main, program
from agent_server.cli.command import command
from agent_server.cli.outcome import CommandError, explain
from agent_server.settings import SettingsError
from agent_server.version import program_version
from storage.errors import StorageError


def one_command(error: BaseException | None = None, code: int | None = None) -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)

    def act(word: str, times: Annotated[int, typer.Option()] = 1) -> int | None:
        typer.echo(word * times)
        if error is not None:
            raise error
        return code

    app.command()(command(act))
    return app


@pytest.mark.parametrize(("code", "exit_code"), [(None, 0), (0, 0), (1, 1), (7, 7)])
def test_what_a_command_returns_is_the_exit_code(code: int | None, exit_code: int) -> None:
    result = CliRunner().invoke(one_command(code=code), ["ha", "--times", "2"])
    assert (result.exit_code, result.stdout) == (exit_code, "haha\n")


def test_an_error_is_one_line_on_standard_error_and_exit_code_1() -> None:
    result = CliRunner().invoke(one_command(CommandError("Nothing is there; make it first.")), ["x"])
    assert (result.exit_code, result.stdout, result.stderr) == (1, "x\n", "error: Nothing is there; make it first.\n")


def test_verbose_shows_where_an_error_came_from() -> None:
    result = CliRunner().invoke(one_command(CommandError("No.")), ["x", "--verbose"])
    assert result.exit_code == 1
    assert "Traceback" in result.stderr
    assert result.stderr.endswith("error: No.\n")


def test_wrong_usage_keeps_its_own_exit_code() -> None:
    assert CliRunner().invoke(one_command(typer.BadParameter("no such thing")), ["x"]).exit_code == 2
    assert CliRunner().invoke(one_command(typer.Exit(5)), ["x"]).exit_code == 5
    assert CliRunner().invoke(one_command(), ["x", "--unknown"]).exit_code == 2


def test_ctrl_c_is_no_error() -> None:
    result = CliRunner().invoke(one_command(KeyboardInterrupt()), ["x"])
    assert (result.exit_code, result.stderr) == (130, "")


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(program.program, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"sales-agent {program_version()}\n")


def test_nor_is_one_before_the_command_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "program", pressed)
    monkeypatch.setattr("sys.argv", ["sales-agent", "doctor"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    result = CliRunner().invoke(one_command(BrokenPipeError(32, "Broken pipe")), ["x"])
    assert (result.exit_code, result.stderr) == (1, "")


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (
            ModuleNotFoundError("No module named 'new'", name="new"),
            ["The package new is missing; `make install` gets what this release needs."],
        ),
        (SettingsError(["A is wrong.", "B is wrong."]), ["A is wrong.", "B is wrong."]),
        (StorageError("database_unreachable", "No database."), ["No database."]),
        (ExceptionGroup("all", [StorageError("a", "First."), ValueError("second")]), ["First."]),
        (PermissionError(13, "Permission denied", "/root/x"), ["/root/x: Permission denied"]),
        (OSError(28, "No space left on device"), ["No space left on device"]),
        (KeyError("key"), ["unexpected KeyError: 'key' (--verbose shows where)"]),
    ],
)
def test_errors_in_words(error: BaseException, lines: list[str]) -> None:
    assert explain(error) == lines
