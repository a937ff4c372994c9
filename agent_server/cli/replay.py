"""``sales-agent replay``: whether the program still decides as it did in a recorded conversation."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_server.cli.outcome import DONE, FAILED, CommandError

if TYPE_CHECKING:
    from pipelines.conversation.rim.recording import Divergence


def replay(
    recording: Annotated[Path, typer.Argument(help="A file from RECORDINGS_DIR.")],
    show: Annotated[int, typer.Option(min=1, help="How many differing steps to show.")] = 3,
) -> int:
    """Feed a recorded conversation's facts to the core again and compare what it decides."""
    import msgspec

    from pipelines.conversation.rim.recording import RecordingError, replay

    steps, different = 0, 0
    try:
        for outcome in replay(recording):
            steps += 1
            if outcome is None:
                continue
            different += 1
            if different <= show:
                _print(recording, outcome)
    except RecordingError as error:
        raise CommandError(f"{error}. The server writes recordings where RECORDINGS_DIR is set.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
        raise CommandError(f"{recording}: line {steps + 2} is no step of a recording: {error}") from error
    print(f"{steps} steps replayed, {different} decided differently")
    return FAILED if different else DONE


def _print(recording: Path, divergence: "Divergence") -> None:
    print(f"{recording}:{divergence.line}: at {divergence.at_ms:.1f} ms, after {divergence.fact}:", file=sys.stderr)
    for sign, line in differences(divergence.recorded, divergence.replayed):
        print(f"  {sign} {line}", file=sys.stderr)


def differences(recorded: list[dict[str, Any]], replayed: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Lines of both in order: ``-`` only recorded, ``+`` only replayed, a blank for both."""
    import difflib

    import msgspec

    before, after = ([msgspec.json.encode(action).decode() for action in actions] for actions in (recorded, replayed))
    return [(line[0], line[2:]) for line in difflib.ndiff(before, after) if line[0] != "?"]
