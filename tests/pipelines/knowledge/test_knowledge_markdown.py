"""Markdown becomes titled sections within bounds."""

import pytest

from pipelines.knowledge.analysis.analyzer import dice
from pipelines.knowledge.analysis.english import shape, term, terms
from pipelines.knowledge.index import parse_knowledge
from pipelines.knowledge.markdown import MAX_CHARS, MAX_SECTIONS, SECTION_CHARS, Section, parse
from pipelines.knowledge.port import KnowledgeError


def test_headings_are_titles_and_markup_is_gone() -> None:
    subject, sections = parse("# P\nIntro [link](http://x).\n\n## One?\n- *a*\n- `b`\n\n### Two ##\n> c\n")
    assert subject == "P"
    assert sections == [Section("P", "Intro link."), Section("One?", "a b"), Section("Two", "c")]


def test_figures_stay_what_they_are() -> None:
    _, sections = parse("## Size\nThe *bed* is 160*200 cm. We make it since\n2019. Each has\n10. drawers\n")
    assert sections == [Section("Size", "The bed is 160*200 cm. We make it since 2019. Each has drawers")]


def test_a_comment_in_code_is_no_heading() -> None:
    assert parse("# P\nSet it up.\n```sh\n# as root\npip install p\n```\n") == ("P", [Section("P", "Set it up.")])


def test_a_question_is_no_name_of_a_product() -> None:
    index = parse_knowledge("# How much does it cost?\nTen dollars.\n\n# Prices for teams\nLess.\n")
    assert index.subject == ""
    assert [found.text for found in index.search("what does it cost", limit=1)] == ["Ten dollars."]


def test_text_before_any_heading_is_kept() -> None:
    assert parse("Just text.") == ("", [Section("", "Just text.")])


def test_a_long_section_is_cut_at_paragraphs() -> None:
    paragraph = "word " * (SECTION_CHARS // 10)
    _, sections = parse("## T\n" + f"{paragraph}\n\n" * 5)
    assert len(sections) == 3
    assert all(section.title == "T" and len(section.text) <= SECTION_CHARS for section in sections)


def test_too_much_is_refused() -> None:
    with pytest.raises(KnowledgeError) as long:
        parse("x" * (MAX_CHARS + 1))
    assert long.value.code == "knowledge_too_large"
    with pytest.raises(KnowledgeError) as many:
        parse("# h\nt\n" * (MAX_SECTIONS + 1))
    assert many.value.code == "knowledge_too_large"


def test_words_meet_in_their_terms() -> None:
    assert term("costs") == term("pricing") == term("price") == "price"
    assert term("integrates") == term("integrations") == "integrate"
    assert term("voicemails") == term("voicemail")
    assert term("leaves") == term("leave")
    assert term("the") == ""
    assert terms("What does it cost to set up?") == ["price", "setup"]


def test_a_question_of_everyday_words_has_a_shape() -> None:
    assert shape("What do you do?", "Acme") == shape("what does Acme do", "Acme")
    assert dice(frozenset("ab"), frozenset("bc")) == 0.5
    assert dice(frozenset(), frozenset("a")) == 0.0
