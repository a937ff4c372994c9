"""The binary model of the PocketSphinx wheel, read by us and by PocketSphinx itself."""

import random
from pathlib import Path

import numpy as np
import pocketsphinx
import pytest

from pipelines.stt.language_model.general import GeneralModel, GeneralModelError

MODEL = Path(pocketsphinx.get_model_path("en-us")) / "en-us.lm.bin"


@pytest.fixture(scope="module")
def general() -> GeneralModel:
    return GeneralModel(MODEL.read_bytes())


def test_probabilities_are_those_pocketsphinx_finds(general: GeneralModel) -> None:
    logarithms = pocketsphinx.LogMath(1.0001)
    reference = pocketsphinx.NGramModel(pocketsphinx.Config(), logarithms, str(MODEL))
    numbers = {word: number for number, word in enumerate(general.words)}
    model = general.restricted(numbers)
    pick = random.Random(5)
    frequent = [word for word in general.most_frequent(400) if not word.startswith("<")]
    for _ in range(500):
        first, second, third = (pick.choice(frequent) for _ in range(3))
        ours = model.trigram(*(np.array([numbers[word]]) for word in (first, second, third)))[0]
        theirs = logarithms.log_to_ln(reference.prob([third, second, first]))
        assert ours == pytest.approx(theirs, abs=0.002)


def test_a_restricted_model_knows_its_words_only(general: GeneralModel) -> None:
    numbers = {"twenty": 0, "thousand": 1, "dollars": 2, "zoho": 3}
    model = general.restricted(numbers)
    assert model.size == 4
    assert model.unigram_logs[3] == -99.0
    pair = model.bigram(np.array([0]), np.array([1]))[0]
    assert -6 < pair < model.bigram(np.array([1]), np.array([2]))[0] < 0


def test_the_most_frequent_words_are_the_ones_one_expects(general: GeneralModel) -> None:
    assert {"the", "and", "to", "of", "a"} < set(general.most_frequent(12))


@pytest.mark.parametrize("data", [b"", b"something else altogether", MODEL.read_bytes()[:100_000]])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(GeneralModelError):
        GeneralModel(data)
