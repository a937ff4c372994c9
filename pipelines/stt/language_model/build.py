"""Builds the recogniser's language model and dictionary, in about three seconds.

    python -m pipelines.stt.language_model.build [DIRECTORY]

Without a directory the files that ship with this package are replaced. The same sources make the same model.
"""

import sys
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pocketsphinx
from msgspec import Struct

from pipelines.stt.language_model.arpa import arpa_lines
from pipelines.stt.language_model.dictionary import dictionary_lines, parse_dictionary
from pipelines.stt.language_model.estimate import estimate
from pipelines.stt.language_model.general import GeneralModel
from pipelines.stt.language_model.mixture import MixtureRules, mix
from pipelines.stt.language_model.ngrams import NgramModel
from pipelines.stt.language_model.templates import parse_templates, sample_sentences, words_of

MODEL_DIRECTORY = Path(__file__).parent
MODEL_FILE = "sales.lm.bin"
DICTIONARY_FILE = "sales.dict"
START, END = "<s>", "</s>"


class BuildRules(Struct, frozen=True):
    """Sizes that were compared by word error rate and speed; see ``tests/benchmarks/bench_stt.py``."""

    sentences: int = 15_000
    general_words: int = 10_000
    mixture: MixtureRules = MixtureRules()


class Built(Struct, frozen=True):
    """The model; ``words`` by their numbers, the two sentence marks last; how each of the others is pronounced."""

    model: NgramModel
    words: list[str]
    pronunciations: dict[str, list[str]]


def build_model(rules: BuildRules | None = None) -> Built:
    """Templates and general English, blended. Raises TemplateError, GeneralModelError, KeyError for a mute word."""
    rules = rules or BuildRules()
    own = files("pipelines.stt.language_model")
    english = Path(pocketsphinx.get_model_path("en-us"))
    pronunciations = parse_dictionary((english / "cmudict-en-us.dict").read_text())
    pronunciations |= parse_dictionary(own.joinpath("pronunciations.dict").read_text())
    templates = parse_templates(own.joinpath("templates.txt").read_text())
    general = GeneralModel((english / "en-us.lm.bin").read_bytes())

    vocabulary = words_of(templates)
    vocabulary.update(word for word in general.most_frequent(rules.general_words) if word in pronunciations)
    words = [*sorted(vocabulary), START, END]
    numbers = {word: number for number, word in enumerate(words)}
    sentences = [[numbers[word] for word in sentence] for sentence in sample_sentences(templates, rules.sentences)]
    domain = estimate(sentences, len(words), numbers[START], numbers[END])
    model = mix(domain, general.restricted(numbers), numbers[START], numbers[END], rules.mixture)
    return Built(model, words, {word: pronunciations[word] for word in words[:-2]})


def write_model(built: Built, directory: Path) -> None:
    """Write model and dictionary, each complete or not at all. Raises OSError, RuntimeError."""
    with tempfile.TemporaryDirectory(dir=directory, prefix=".building-") as temporary:
        workshop = Path(temporary)
        arpa = workshop / "model.arpa"
        arpa.write_text("\n".join(arpa_lines(built.model, built.words)) + "\n")
        # The binary form loads in 20 ms where the text takes a second.
        config = pocketsphinx.Config()
        compiled = pocketsphinx.NGramModel(config, pocketsphinx.LogMath(config["logbase"]), str(arpa))
        compiled.write(str(workshop / MODEL_FILE))
        lines = dictionary_lines(built.words[:-2], built.pronunciations)
        (workshop / DICTIONARY_FILE).write_text("\n".join(lines) + "\n")
        for name in (MODEL_FILE, DICTIONARY_FILE):
            (workshop / name).rename(directory / name)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) > 1:
        sys.stderr.write(__doc__ or "")
        return 2
    pocketsphinx.set_loglevel("FATAL")
    directory = Path(arguments[0]) if arguments else MODEL_DIRECTORY
    write_model(build_model(), directory)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
