"""Which lines of a page are one paragraph, and which are headings."""

import pdf_files

from pipelines.documents.pdf import plain, read_pdf
from pipelines.documents.pdf_layout import BOLD, Line, PageLines, blocks_of
from pipelines.documents.port import BODY, Block

PROSE = "We deliver every order within two working days, since each warehouse is close"


def lines(*written: str | tuple[str, float, bool], top: float = 700) -> list[Line]:
    """12 points high and 14 apart, unless they say their size and whether they are bold."""
    found = []
    for text in written:
        words, size, bold = (text, 12.0, False) if isinstance(text, str) else text
        top -= 1.2 * size
        found.append(Line(words, size, bold, top))
    return found


def told(*pages: list[Line], slide_width: float | None = None) -> list[Block]:
    return blocks_of([PageLines(page, slide_width) for page in pages])


def test_a_heading_of_two_lines_is_one() -> None:
    page = lines(("How long does", 18, False), ("delivery take?", 18, False), PROSE, "to you.")
    assert told(page) == [Block("How long does delivery take?", 1), Block(f"{PROSE} to you.")]


def test_a_bold_heading_of_two_lines_is_one_and_a_bold_paragraph_is_none() -> None:
    question = "Do you have an app for telephones that my colleagues in the field, who are many,"
    page = lines((question, 12, True), ("can use as well?", 12, True), PROSE, "to you.")
    assert told(page)[0] == Block(f"{question} can use as well?", BOLD)
    assert [block.level for block in told(lines(*[(PROSE, 12, True)] * 3, PROSE))] == [BODY, BODY]


def test_a_sentence_goes_on_in_the_next_column() -> None:
    columns = [*lines(PROSE, "to you. Orders that reach us before noon leave the same day, and that"), *lines("is it.")]
    assert told(columns) == [
        Block(f"{PROSE} to you. Orders that reach us before noon leave the same day, and that is it.")
    ]


def test_rows_of_a_table_are_said_one_by_one_and_a_wrapped_cell_with_its_row() -> None:
    page = lines(
        PROSE, "Team 79 euros E-mail and telephone on working days,", "from nine to five", "Business 249 euros All day"
    )
    page[1].is_row = page[3].is_row = True
    assert [block.text for block in told(page)[-2:]] == [
        "Team 79 euros E-mail and telephone on working days, from nine to five",
        "Business 249 euros All day",
    ]


def test_points_of_a_slide_are_said_one_by_one() -> None:
    slide = lines(("Why we", 34, False), ("Answers within a second", 18, False), ("Never misses a call", 18, False))
    assert [block.text for block in told(slide, slide_width=720)] == [
        "Why we",
        "Answers within a second",
        "Never misses a call",
    ]


def test_ligatures_are_letters_and_square_metres_stay() -> None:
    assert plain("Sales kick-o\ufb00, 30\u00a0m\u00b2\u00ad.") == "Sales kick-off, 30 m\u00b2."


def test_what_a_page_shows_of_its_lines() -> None:
    def piece(font: str, left: int, bottom: int, text: str) -> str:
        return f"BT /{font} 10 Tf 1 0 0 1 {left} {bottom} Tm ({text}) Tj ET"

    page = [
        piece("F1", 50, 700, "A line of text that is long enough to be one of text."),
        piece("F2", 50, 680, "Weight"),
        piece("F1", 200, 680, "780 g"),
        piece("F2", 50, 660, "Warranty"),
        piece("F1", 200, 660, "3 years"),
    ]
    content = "\n".join(page).encode()
    _, blocks = read_pdf(pdf_files.pages_of([content]))
    assert [(block.text, block.level) for block in blocks[1:]] == [
        ("Weight 780 g", BODY),
        ("Warranty 3 years", BODY),
    ]
