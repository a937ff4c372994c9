"""The vendor's agents client, as its package manager installs it."""

from pathlib import Path

AGENTS_CLIENT = Path(__file__).parent / "agents_client"
