"""The model that ships, and how it is made."""

import random
from pathlib import Path
from typing import Any

import pocketsphinx
import pytest

from pipelines.stt.language_model.build import (
    DICTIONARY_FILE,
    MODEL_DIRECTORY,
    MODEL_FILE,
    BuildRules,
    Built,
    build_model,
    write_model,
)
from pipelines.stt.language_model.dictionary import dictionary_lines, parse_dictionary
from pipelines.stt.language_model.templates import parse_templates, words_of

LOGARITHMS = pocketsphinx.LogMath(1.0001)


def load(path: Path) -> Any:
    return pocketsphinx.NGramModel(pocketsphinx.Config(), LOGARITHMS, str(path))


@pytest.fixture(scope="module")
def built() -> Built:
    return build_model()


def test_every_word_of_the_templates_can_be_heard() -> None:
    words = words_of(parse_templates((MODEL_DIRECTORY / "templates.txt").read_text()))
    heard = parse_dictionary((MODEL_DIRECTORY / DICTIONARY_FILE).read_text())
    assert words <= set(heard), "run python -m pipelines.stt.language_model.build"
    assert len(words) > 1500


def test_what_ships_is_what_the_sources_make(built: Built, tmp_path: Path) -> None:
    write_model(built, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((MODEL_FILE, DICTIONARY_FILE))
    stale = "the model that ships is out of date: run python -m pipelines.stt.language_model.build"
    dictionaries = {(directory / DICTIONARY_FILE).read_text() for directory in (tmp_path, MODEL_DIRECTORY)}
    assert len(dictionaries) == 1, stale
    ours, shipped = (load(directory / MODEL_FILE) for directory in (tmp_path, MODEL_DIRECTORY))
    numbers = random.Random(3).choices(range(len(built.model.trigram_keys)), k=2000)
    for key in built.model.trigram_keys[numbers].tolist():
        (first, rest), size = divmod(key, built.model.size**2), built.model.size
        newest_first = [built.words[rest % size], built.words[rest // size], built.words[first]]
        assert ours.prob(newest_first) == pytest.approx(shipped.prob(newest_first), abs=200), stale


def test_sales_talk_is_likelier_than_in_general_english() -> None:
    english = Path(pocketsphinx.get_model_path("en-us")) / "en-us.lm.bin"
    ours, general = load(MODEL_DIRECTORY / MODEL_FILE), load(english)
    for newest_first in (["budget", "a", "have"], ["users", "twenty", "about"], ["demo", "a", "book"]):
        assert ours.prob(newest_first) > general.prob(newest_first)
    # And plain English is still possible.
    assert LOGARITHMS.log_to_log10(ours.prob(["man", "young", "a"])) > -4


def test_fewer_general_words_make_a_smaller_model(built: Built) -> None:
    small = build_model(BuildRules(sentences=2000, general_words=500))
    assert len(small.words) < len(built.words) / 2


def test_dictionaries_keep_alternatives_and_refuse_words_nobody_can_say() -> None:
    pronunciations = parse_dictionary("the DH AH\nthe(2) DH IY\ncat K AE T\n")
    assert pronunciations == {"the": ["DH AH", "DH IY"], "cat": ["K AE T"]}
    assert list(dictionary_lines(["the"], pronunciations)) == ["the DH AH", "the(2) DH IY"]
    with pytest.raises(KeyError):
        list(dictionary_lines(["dog"], pronunciations))
