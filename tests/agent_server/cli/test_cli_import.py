"""``sales-agent import`` as somebody runs it."""

import json

from program_process import invoke

from storage.leads.leads import Leads

CSV = "E-Mail;Company;Region\njane@acme.com;Acme;North\nnobody;Beta;\n"


async def test_a_file_is_imported_and_what_was_not_taken_is_told(dsn, database, tmp_path):
    file, errors = tmp_path / "leads.csv", tmp_path / "errors.csv"
    file.write_text(CSV, encoding="utf-16")
    variables = {"cwd": tmp_path, "DATABASE_URL": dsn}
    done = await invoke("import", str(file), "--errors", str(errors), **variables)
    assert done.code == 1
    assert "line 3, E-Mail: That is no e-mail address. (invalid_email)" in done.err
    assert "kept in custom: Region" in done.out
    assert errors.read_text().splitlines() == [
        "line,code,column,message",
        "3,invalid_email,E-Mail,That is no e-mail address.",
    ]
    (lead,) = (await Leads(database).list()).items
    assert (lead.contact_email, lead.source, lead.custom) == ("jane@acme.com", "leads.csv", {"Region": "North"})
    file.write_text("email\njane@acme.com\n")
    again = await invoke("import", str(file), "--json", "--dry-run", **variables)
    assert again.code == 0
    assert json.loads(again.out)["unchanged"] == 1


async def test_what_cannot_be_imported_is_one_clear_line(dsn, tmp_path):
    variables = {"cwd": tmp_path, "DATABASE_URL": dsn}
    missing = await invoke("import", str(tmp_path / "none.csv"), **variables)
    assert (missing.code, "there is no such file" in missing.err) == (1, True)
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    other = await invoke("import", str(file), **variables)
    assert (other.code, "The first line must name columns" in other.err) == (1, True)
    assert (await invoke("import", str(file), "--existing", "delete", **variables)).code == 2
    told = await invoke("import", str(file), "--delimiter", "-", **variables)
    assert (told.code, "--delimiter is one of , or ; or tab or |." in told.err) == (2, True)
    unwritable = tmp_path / "none" / "errors.csv"
    errors = await invoke("import", str(file), "--errors", str(unwritable), **variables)
    assert (errors.code, errors.err) == (1, f"error: {unwritable}: No such file or directory\n")
