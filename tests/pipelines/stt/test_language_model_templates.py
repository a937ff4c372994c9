import pytest

from pipelines.stt.language_model.templates import TemplateError, parse_templates, sample_sentences, words_of

TEXT = """
# a comment
[name] jane | joe smith   # with an end
[hello] hi | good {part}
[part] morning | evening
{hello} {name} (how are you (today | ) | ) | stop
"""


def every_sentence() -> set[str]:
    return {" ".join(sentence) for sentence in sample_sentences(parse_templates(TEXT), 2000)}


def test_lists_alternatives_and_nesting_are_expanded() -> None:
    sentences = every_sentence()
    assert {"stop", "hi jane", "good evening joe smith how are you today", "good morning jane how are you"} <= sentences
    whole = {sentence for sentence in sentences if "jane" in sentence and sentence != "jane"}
    assert len(whole) == 3 * 3  # three greetings, three endings


def test_the_same_seed_makes_the_same_sentences() -> None:
    templates = parse_templates(TEXT)
    assert sample_sentences(templates, 50, seed=3) == sample_sentences(templates, 50, seed=3)
    assert sample_sentences(templates, 50, seed=3) != sample_sentences(templates, 50, seed=4)


def test_every_word_is_known_and_made() -> None:
    words = words_of(parse_templates(TEXT))
    assert words == {"jane", "joe", "smith", "hi", "good", "morning", "evening", "how", "are", "you", "today", "stop"}
    assert {word for sentence in sample_sentences(parse_templates(TEXT), 10) for word in sentence} >= words - {"today"}


def test_templates_with_more_variety_make_more_sentences() -> None:
    text = "stop\n{digit} {digit} {digit}\n[digit] " + " | ".join("abcdefghij")
    sentences = sample_sentences(parse_templates(text), 100)
    assert sum(len(sentence) == 3 for sentence in sentences) > 4 * sum(sentence == ["stop"] for sentence in sentences)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello {nobody}", "no list named nobody"),
        ("(hello (again | )", r"line 1: \( without \)"),
        ("hello)", r"line 1: \) without \("),
        ("hello {na me}", "line 1: cannot read"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        parse_templates(text)
