"""``sales-agent export-person`` as somebody runs it."""

import json
from datetime import UTC, datetime
from pathlib import Path

from program_process import invoke, run

from storage.leads.leads import Leads
from storage.postgres.database import Database


async def test_a_person_is_written_to_a_file(tmp_path: Path, dsn: str, database: Database) -> None:
    await Leads(database).create({"contact_email": "ada@example.com"}, now=datetime.now(UTC))
    arguments = ("export-person", "--email", "ada@example.com", "--out")
    done = await invoke(*arguments, str(tmp_path / "person.json"), cwd=tmp_path, DATABASE_URL=dsn)
    assert (done.code, done.err) == (0, "")
    kinds = [record["kind"] for record in json.loads((tmp_path / "person.json").read_text())["records"]]
    assert kinds[0] == "leads"

    nowhere = tmp_path / "none" / "person.json"
    failed = await run(*arguments, str(nowhere), cwd=tmp_path, DATABASE_URL=dsn)
    assert (failed.code, failed.err) == (1, f"error: {nowhere}: No such file or directory\n")
