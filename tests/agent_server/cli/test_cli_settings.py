from pathlib import Path

import msgspec
from program_process import invoke, run


async def test_every_setting_is_listed_with_its_meaning(tmp_path: Path) -> None:
    result = await run("settings", cwd=tmp_path, PORT="9000")
    assert result.code == 0
    lines = result.out.splitlines()
    at = lines.index("PORT = 9000")
    assert (
        lines[at + 1].strip() == "Port to listen on; 0 takes any free one. Integer; default: 8080; from: environment."
    )


async def test_the_list_as_json_names_no_secret(tmp_path: Path) -> None:
    result = await invoke("settings", "--json", cwd=tmp_path, CLOSE_API_KEY="api_very_secret")
    assert result.code == 0
    found = {line["name"]: line for line in msgspec.json.decode(result.out)}
    assert found["CLOSE_API_KEY"]["value"] == "********"
    assert found["CEREBRAS_MODEL"]["default"] == "llama3.1-8b"
    assert "api_very_secret" not in result.out


async def test_a_mistake_is_told_without_its_secret(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CLOSE_API_KEY=two words\n")
    result = await invoke("settings", cwd=tmp_path)
    assert result.code == 1
    assert result.err.startswith("error: CLOSE_API_KEY (.env)")
    assert "two words" not in result.err


async def test_a_name_that_looks_like_a_setting_is_a_warning(tmp_path: Path) -> None:
    result = await invoke("settings", cwd=tmp_path, DEEPGRAM_API_KEI="x")
    assert result.code == 0
    assert "warning: DEEPGRAM_API_KEI" in result.err
