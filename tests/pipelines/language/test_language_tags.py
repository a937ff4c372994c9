"""Names of languages, and what a model is told of the one it talks."""

import pytest

from pipelines.language.tags import LANGUAGES, language_told, name_of, primary, tidy, told


def test_tags_are_read_however_they_are_written() -> None:
    assert [primary(tag) for tag in ("de", "DE-ch", "es-419")] == ["de", "de", "es"]
    assert [tidy(tag) for tag in ("DE", "pt-br", "es-419", "zh-hant-tw")] == ["de", "pt-BR", "es-419", "zh-hant-TW"]
    assert [name_of(tag) for tag in ("de", "de-CH", "tlh-KX")] == ["German", "German (de-CH)", "tlh-KX"]


@pytest.mark.parametrize("tag", [*(code for code in LANGUAGES if code != "en"), "pt-BR", "tlh"])
def test_what_a_model_is_told_is_found_again(tag: str) -> None:
    assert language_told(["Be brief.", f"About the caller\n{told(tag)}"]) == tag


def test_of_english_nothing_is_told() -> None:
    assert (told("en"), told("en-GB"), language_told(["Talk German."])) == ("", "", "en")
