"""The example knowledge answers what people ask about the product, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.knowledge.index import KnowledgeIndex, load_knowledge, parse_knowledge
from pipelines.knowledge.port import KnowledgeError

RELEVANT = [
    ("how much does it cost", "How much does it cost"),
    ("what are your prices", "How much does it cost"),
    ("how pricey is this", "How much does it cost"),
    ("do you work with salesforce", "Does it work with Salesforce"),
    ("does it integrate with hubspot", "Does it work with HubSpot"),
    ("which crms do you support", "Which CRM"),
    ("is my data safe", "Is it secure"),
    ("are you gdpr compliant", "GDPR"),
    ("where do you store the data", "Where is the data stored"),
    ("how long do you keep recordings", "How long are recordings"),
    ("who owns the recordings", "Who owns the data"),
    ("do you record calls", "Are calls recorded"),
    ("can it speak spanish", "Which languages"),
    ("how long does it take to set up", "How long does setup"),
    ("how soon can we be live", "How long does setup"),
    ("can i keep my phone number", "Can I keep my phone number"),
    ("is there a contract", "Contract terms"),
    ("can i cancel any time", "Contract terms"),
    ("do you have a free trial", "Is there a free trial"),
    ("what kind of support do you offer", "What support"),
    ("is there an api", "Is there an API"),
    ("what does it do", "What is Acme Voice"),
    ("what do you do", "What is Acme Voice"),
    ("what is acme voice", "What is Acme Voice"),
    ("tell me about your product", "What is Acme Voice"),
    ("how does it work", "How does it work"),
    ("what's in the growth plan", "What is in the Growth plan"),
    ("is there a setup fee", "Are there extra costs"),
    ("do you give discounts to nonprofits", "Are there discounts"),
    ("can it transfer calls to a person", "Can it transfer"),
    ("can it make outbound calls", "Inbound and outbound"),
    ("does it leave voicemails", "Voicemail"),
    ("is it legal to call people with an ai", "Is it legal"),
    ("what makes you different from a call center", "How is it different"),
    ("what's your uptime", "Uptime"),
    ("where is your office", "Who is behind"),
    ("can I pay by invoice", "How do I pay"),
    ("do i need any hardware", "Do I need hardware"),
]

IRRELEVANT = [
    "what's the capital of france",
    "who won the game last night",
    "do you have a recipe for pasta",
    "can you book a flight to denver",
    "what is the meaning of life",
    "how tall is mount everest",
    "what's the weather in paris",
    "do you deliver pizza",
    "what color is it",
    "how old are you",
    "does it work with quickbooks",
    "tell me a joke",
    "does it work on mars",
    "uh",
    "",
    "???",
]


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeIndex:
    return load_knowledge()


@pytest.mark.parametrize(("question", "title"), RELEVANT)
def test_a_question_finds_its_passage(question: str, title: str, knowledge: KnowledgeIndex) -> None:
    assert knowledge.search(question)[0].title.startswith(title)


@pytest.mark.parametrize("question", IRRELEVANT)
def test_what_is_not_known_finds_nothing(question: str, knowledge: KnowledgeIndex) -> None:
    assert knowledge.search(question) == []


@pytest.mark.parametrize("asked", ["exporting files", "exported files", "can you export a file"])
def test_a_word_is_found_whatever_its_ending(asked: str) -> None:
    index = parse_knowledge("# Acme\n\n## Can I export files?\nYes, weekly.\n\n## Is it bright?\nIt glows.\n")
    assert [found.title for found in index.search(asked)] == ["Can I export files?"]
    assert [found.title for found in index.search("how brightly")] == ["Is it bright?"]


def test_the_subject_is_the_products_name(knowledge: KnowledgeIndex) -> None:
    assert knowledge.subject == "Acme Voice"
    assert len(knowledge) > 30


def test_passages_come_best_first_and_no_more_than_asked(knowledge: KnowledgeIndex) -> None:
    found = knowledge.search("what does the starter plan cost", limit=2)
    assert len(found) == 2
    assert all(0.6 <= passage.score <= 1.0 for passage in found)


def test_knowledge_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "knowledge.md"
    path.write_text(
        "# Widget Pro\n\n## Which colours are there?\nRed and **green**.\n\n## Price\nTen dollars.\n", "utf-8"
    )
    knowledge = load_knowledge(path)
    assert knowledge.subject == "Widget Pro"
    assert knowledge.search("what colours do you have")[0].text == "Red and green."
    assert knowledge.search("how much is it")[0].text == "Ten dollars."
    assert knowledge.search("does it swim") == []


def test_knowledge_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError) as missing:
        load_knowledge(tmp_path / "none.md")
    assert missing.value.code == "knowledge_unreadable"
    (tmp_path / "binary.md").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(KnowledgeError) as binary:
        load_knowledge(tmp_path / "binary.md")
    assert binary.value.code == "knowledge_unreadable"
    with pytest.raises(KnowledgeError) as empty:
        parse_knowledge("# Only a heading\n")
    assert empty.value.code == "knowledge_empty"


@given(query=st.text(max_size=120), limit=st.integers(min_value=0, max_value=5))
def test_any_query_gives_a_bounded_list(query: str, limit: int) -> None:
    found = load_knowledge_once().search(query, limit)
    assert len(found) <= limit
    assert all(0.0 < passage.score <= 1.0 + 1e-9 for passage in found)


_CACHE: list[KnowledgeIndex] = []


def load_knowledge_once() -> KnowledgeIndex:
    if not _CACHE:
        _CACHE.append(load_knowledge())
    return _CACHE[0]
