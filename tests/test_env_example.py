"""``.env.example`` and ``compose.yaml`` agree with each other and with the settings there are."""

import re
from pathlib import Path

from agent_server.settings.reading import COMPOSE_ALONE, FIELDS, read_env_file, read_settings

ROOT = Path(__file__).parents[1]


def offered() -> set[str]:
    """The names in the example, also those that are commented out."""
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_every_name_of_the_example_means_something() -> None:
    settings = {field.variable for fields in FIELDS.values() for field in fields}
    assert offered() - COMPOSE_ALONE <= settings


def test_what_compose_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()))
    assert asked <= offered()
    assert asked >= COMPOSE_ALONE


def test_the_example_as_it_stands_changes_nothing() -> None:
    example = read_env_file(ROOT / ".env.example")
    settings = read_settings({}, example, {})
    assert (settings.sources, settings.warnings) == ({}, ())
