from pipelines.knowledge.index import parse_knowledge
from pipelines.knowledge.taught import TaughtKnowledge

FILE = "# Zebra Paint\n\nWe make paint.\n\n## How long does it take to dry?\nTwo hours."


def test_without_anything_of_the_operators_there_is_the_example() -> None:
    knowledge = TaughtKnowledge()
    assert (knowledge.is_example, knowledge.subject, knowledge.in_file, knowledge.taught) == (True, "Acme Voice", 0, 0)
    knowledge.teach([("Delivery", "Two days.")])
    assert (knowledge.is_example, knowledge.subject, knowledge.taught) == (False, "", 1)
    assert knowledge.search("what does it cost") == [], "nothing of the example is told any more"
    knowledge.teach([])
    assert knowledge.is_example


def test_what_is_taught_stands_beside_the_file() -> None:
    knowledge = TaughtKnowledge(parse_knowledge(FILE))
    assert (knowledge.is_example, knowledge.in_file) == (False, 2)
    knowledge.teach([("How fast is delivery?", "Two days.")])
    assert knowledge.subject == "Zebra Paint"
    assert [passage.text for passage in knowledge.search("how long does it take to dry")] == ["Two hours."]
    assert [passage.text for passage in knowledge.search("how fast is delivery")] == ["Two days."]
    knowledge.teach([])
    assert knowledge.search("how fast is delivery") == []


def test_a_long_text_is_found_in_pieces_one_can_say() -> None:
    knowledge = TaughtKnowledge()
    knowledge.teach([("Warranty", "\n\n".join(["Everything is covered by the warranty. " * 10] * 6))])
    found = knowledge.search("what about the warranty", 10)
    assert len(found) > 1
    assert all(len(passage.text) <= 1200 for passage in found)
    assert knowledge.taught == 1
