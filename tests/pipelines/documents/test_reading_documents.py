"""Documents read: what comes of honest ones, and what hostile ones cost."""

import asyncio
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pdf_files
import psutil
import pytest

from pipelines.documents.port import DOCX, DocumentError, MediaType, ReadDocument
from pipelines.documents.reader_process import TEXT_CPU_S, Order, read
from pipelines.documents.reading import read_document
from pipelines.knowledge.markdown import parse as parse_knowledge

PDF: MediaType = "application/pdf"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_here(content: bytes, media_type: MediaType = PDF) -> ReadDocument:
    return read(content, Order(media_type, "Handbook"))


def told(document: ReadDocument) -> dict[str, str]:
    return {section.title: section.text for section in document.sections}


def written(*paragraphs: tuple[str, str]) -> str:
    return "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
        for style, text in paragraphs
    )


WORD_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word(*paragraphs: tuple[str, str], xml: bytes | None = None, body: str = "", styles: str = "") -> bytes:
    body = body or written(*paragraphs)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml", xml or f'<w:document xmlns:w="{WORD_SPACE}"><w:body>{body}</w:body></w:document>'
        )
        if styles:
            archive.writestr("word/styles.xml", f'<w:styles xmlns:w="{WORD_SPACE}">{styles}</w:styles>')
    return file.getvalue()


EXPECTED = {
    "How long does delivery take?": "Two working days within the country, since every warehouse is close to you. It is "
    "free from ten widgets on.",
    "What does it cost?": "Ten dollars a month for each person.",
}


def test_a_pdfs_headings_are_found_by_their_letters_and_divided_words_are_whole() -> None:
    document = read_here(pdf_files.handbook())
    assert (document.pages, told(document)) == (1, EXPECTED)
    assert document.text.splitlines()[0] == "How long does delivery take?"


def test_what_is_on_every_page_is_not_said() -> None:
    pages = [
        pdf_files.written(
            (9, "Widgets Inc. - internal"), (0, ""), (16, f"Chapter {name}"), (12, f"This is about {name} alone."),
            (0, ""), (9, f"Page {number} of 4"),
        )
        for number, name in enumerate(("apples", "pears", "plums", "nuts"), start=1)
    ]  # fmt: skip
    assert told(read_here(pdf_files.pages_of(pages))) == {
        f"Chapter {name}": f"This is about {name} alone." for name in ("apples", "pears", "plums", "nuts")
    }


def test_a_number_that_stands_alone_within_a_page_is_said() -> None:
    page = pdf_files.written(
        (16, "Our customers"), (12, "So many work with us:"), (0, ""), (24, "500"), (0, ""), (12, "in all of Norway,"),
        (12, "and more every day."), (0, ""), (9, "3"),
    )  # fmt: skip
    text = read_here(pdf_files.pages_of([page])).text.splitlines()
    assert "500" in text
    assert "3" not in text


async def test_a_process_of_its_own_reads_the_same() -> None:
    assert await read_document(pdf_files.handbook(), PDF, "Handbook") == read_here(pdf_files.handbook())


def test_a_pdf_whose_owner_alone_has_a_password_is_read() -> None:
    assert told(read_here(pdf_files.encrypted(pdf_files.handbook(), password=""))) == EXPECTED


MARKED = "# Delivery\n\nTwo days [on foot](https://x.example).\n\n```sh\nrm -rf /\n```\n\n| Plan | Price |\n|---|---|\n"
MARKED += "| Basic | ten dollars |\n\n## Prices\n* Small: ten dollars\n* Large: twenty dollars\n"
PAGE = "<html><head><title>x</title><script>no()</script></head><body><nav>Home</nav><h1>Delivery</h1>"
PAGE += "<p>Two days on foot.</p><h2>Prices</h2><ul><li>Small: ten dollars<li>Large: twenty dollars</ul></body>"
PLAIN = "Delivery\n\nTwo days on foot.\nIt is free.\n\nPrices\n\n- Small: ten dollars\n- Large: twenty dollars\n"


POLISH = PLAIN.replace("Two days on foot.\nIt is free.", "Dwa dni, także za granicę.\nŁatwo.")


@pytest.mark.parametrize(
    ("content", "media_type", "delivery"),
    [
        (MARKED.encode(), "text/markdown", "Two days on foot. Plan Price. Basic ten dollars."),
        (PAGE.encode(), "text/html", "Two days on foot."),
        (PLAIN.encode("utf-16"), "text/plain", "Two days on foot. It is free."),
        (PLAIN.replace("Two", "\u00c0 two").encode("latin-1"), "text/plain", "\u00c0 two days on foot. It is free."),
        (POLISH.encode("windows-1250"), "text/plain", "Dwa dni, także za granicę. Łatwo."),
        (
            word(("Heading1", "Delivery"), ("Normal", "Two days on foot."), ("Heading2", "Prices"),
                 ("ListParagraph", "Small: ten dollars"), ("ListParagraph", "Large: twenty dollars")),
            DOCX,
            "Two days on foot.",
        ),
    ],
    ids=["markdown", "html", "utf-16", "latin-1", "polish", "word"],
)  # fmt: skip
def test_other_documents(content: bytes, media_type: MediaType, delivery: str) -> None:
    document = read_here(content, media_type)
    assert told(document) == {"Delivery": delivery, "Prices": "Small: ten dollars. Large: twenty dollars."}
    assert document.pages is None


def test_a_page_without_the_ends_of_its_tags_is_read() -> None:
    page = "<!doctype html><html lang=en><head><meta charset=utf-8><title>Acme</title><style>p{}</style><body>"
    page += "<header>Acme</header><main><h1>Our<br>prices</h1><p>Ten dollars a month.</main><footer>By us</footer>"
    assert read_here(page.encode(), "text/html").text == "Acme\nOur prices\nTen dollars a month.\nBy us"
    assert told(read_here(page.encode(), "text/html")) == {"Our prices": "Acme. Ten dollars a month. By us."}


def test_the_last_answer_keeps_its_question_however_short_it_is() -> None:
    text = "# Do you ship?\n\nWithin two days.\n\n# To Norway?\n\nNo."
    assert told(read_here(text.encode(), "text/markdown")) == {"Do you ship?": "Within two days.", "To Norway?": "No."}


def test_questions_and_answers_lose_the_letters_they_begin_with_and_short_answers_stay_theirs() -> None:
    text = "# Q: Can I leave?\n\nA: Yes.\n\n# Q 2: How?\n\nA: By e-mail. See https://x.example/leave.\n"
    assert told(read_here(text.encode(), "text/markdown")) == {"Can I leave?": "Yes.", "How?": "By e-mail."}


def test_headings_are_known_in_every_languages_word() -> None:
    styles = '<w:style w:styleId="Ttulo1"><w:name w:val="heading 1"/></w:style>'
    styles += '<w:style w:styleId="Acme"><w:name w:val="Acme"/><w:basedOn w:val="Ttulo1"/></w:style>'
    styles += '<w:style w:styleId="a"><w:name w:val="a"/><w:basedOn w:val="a"/></w:style>'
    paragraphs = [
        ("Ttulo1", "Entrega"),
        ("a", "Dos d\u00edas a pie."),
        ("Acme", "Precios"),
        ("", "Diez al mes, o cien."),
    ]
    assert told(read_here(word(*paragraphs, styles=styles), DOCX)) == {
        "Entrega": "Dos d\u00edas a pie.",
        "Precios": "Diez al mes, o cien.",
    }


def test_a_short_bold_paragraph_of_word_is_a_heading() -> None:
    def paragraph(*runs: tuple[str, str]) -> str:
        return "<w:p>" + "".join(f"<w:r><w:rPr>{bold}</w:rPr><w:t>{text}</w:t></w:r>" for bold, text in runs) + "</w:p>"

    bold, plain = "<w:b/>", '<w:b w:val="0"/>'
    body = paragraph((bold, "Can I "), (bold, "cancel?")) + paragraph(
        (bold, "Yes"), (plain, ", with a month of notice")
    )
    body += paragraph((bold, "It is safe, and we say how.")) + paragraph((plain, "Ask us"))
    assert told(read_here(word(body=body), DOCX)) == {
        "Can I cancel?": "Yes, with a month of notice. It is safe, and we say how. Ask us."
    }


def test_a_row_of_a_word_table_is_said_in_one() -> None:
    def cell(*paragraphs: tuple[str, str]) -> str:
        return f"<w:tc>{written(*paragraphs)}</w:tc>"

    def row(*cells: str) -> str:
        return f"<w:tr>{''.join(cells)}</w:tr>"

    plans = [row(cell(("", name)), cell(("", price))) for name, price in (("Basic", "$10"), ("Pro", "$20"))]
    page = row(cell(("Heading1", "Terms"), ("", "A year.")), cell(("", "Left"), ("", "Right")))
    text = read_here(word(body=f"<w:tbl>{''.join(plans)}{page}</w:tbl>"), DOCX).text
    assert text.splitlines() == ["Basic $10", "Pro $20", "Terms", "A year.", "Left", "Right"]


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><th>Plan</th><th>Price</th></tr><tr><td>Basic</td><td>$10</td></tr></table>",
        "<table><tr><th><p>Plan</p></th><th><div>Price</div></th></tr><tr><td><p>Basic</p></td><td><p>$10</p></td></tr>"
        "</table>",
        "<table><tr><th>Plan<th>Price<tr><td>Basic<td><p>$10",
        "<table><tr><td>Plan</td><td></td><td>Price</td></tr><tr><td>Basic</td><td>$10</td></tr></table>",
    ],
    ids=["plain", "of a writing program", "without ends", "with an empty cell"],
)
def test_a_row_of_a_pages_table_is_said_in_one(table: str) -> None:
    text = read_here(f"<h1>Prices</h1><p>Each month.</p>{table}".encode(), "text/html").text
    assert text.splitlines() == ["Prices", "Each month.", "Plan Price", "Basic $10"]


def test_a_table_that_divides_a_page_leaves_its_paragraphs() -> None:
    page = "<table><tr><td><h1>Delivery</h1><p>Two days.</p></td><td><p>Left.</p><p>Right.</p></td></tr></table><p>End."
    assert read_here(page.encode(), "text/html").text.splitlines() == [
        "Delivery",
        "Two days.",
        "Left.",
        "Right.",
        "End.",
    ]


def test_what_stands_in_a_box_is_said_once_and_hyphens_stay() -> None:
    more = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    box = "<w:txbxContent><w:p><w:r><w:t>Ten dollars a month.</w:t></w:r></w:p></w:txbxContent>"
    xml = (
        f'<w:document xmlns:w="{WORD_SPACE}" xmlns:mc="{more}"><w:body><w:p><w:r><w:t>For 10</w:t><w:noBreakHyphen/>'
        "<w:t>20 people.</w:t></w:r><w:r><mc:AlternateContent><mc:Choice>"
        f"{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p></w:body></w:document>"
    )
    assert read_here(word(xml=xml.encode()), DOCX).text == "For 10-20 people.\nTen dollars a month."


README = """<!-- # Not
for readers -->
<p align="center"><img src="logo.png"></p>

# The C# client

[![build](https://x.example/b.svg)](https://x.example) Ask at <https://x.example/help>&nbsp;or <a href="m">write</a>.

1. Install it:
   ```sh
   # as root
   pip install x
   ```

## Limits ##

````md
# Not a heading
```
````

A [list](https://x.example/a_(b)) of less < 10.
"""


def test_what_markdown_shows_is_said_without_its_code_tags_and_comments() -> None:
    assert told(read_here(README.encode(), "text/markdown")) == {
        "The C# client": "Build Ask at or write. Install it.",
        "Limits": "A list of less < 10.",
    }


def test_of_markdown_notes_old_prices_and_definitions_are_not_said_and_bold_lines_are_headings() -> None:
    text = (
        "# Acme\n\nNow $10 ~~$20~~ a month[^1], see [the list][l].\n\n- [x] Phones\n\n**Is it safe?**\n\nA: *Very*.\n\n"
        "**Note:** ask us.\n\n[^1]: Without tax.\n[l]: https://x.example\n"
    )
    assert told(read_here(text.encode(), "text/markdown")) == {
        "Acme": "Now $10 a month, see the list. Phones.",
        "Is it safe?": "Very. Note: ask us.",
    }


def test_of_a_page_its_forms_are_not_said_and_what_one_opens_has_a_heading() -> None:
    page = "<h1>FAQ</h1><p>Ask us anything.</p><details><summary>Can I cancel?</summary><p>Yes.</p></details>"
    page += (
        "<form><label>Mail</label><select><option>Germany</select><textarea>Hi</textarea><button>Send</button></form>"
    )
    assert told(read_here(page.encode(), "text/html")) == {"FAQ": "Ask us anything.", "Can I cancel?": "Yes."}


HOSTILE = {
    "brackets": "w " + "[" * 200_000,
    "pictures": "w " + "![" * 100_000,
    "links": "w " + "[](" * 70_000,
    "fences": "w\n" + "```a\n" * 40_000,
    "fences of many lengths": "w\n" + "".join("`" * (3 + n % 200) + "x\n" for n in range(2_000)),
    "rules of tables": "w\n" + "|-\n" * 60_000,
    "heading": "w\n\n# a" + " " * 200_000 + "x",
    "chapters": "# 1 Ab\n" * 30_000,
    "comments": "w" + "<!--" * 50_000,
    "tags": "w" + "<a " * 70_000,
    "empty lines": "w" + "\n" * 200_000 + "w",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_time_in_proportion_to_its_length(text: str) -> None:
    began = time.process_time()
    for media_type in ("text/markdown", "text/plain"):
        assert read_here(text.encode(), media_type).text
    assert parse_knowledge(text)
    assert time.process_time() - began < 8


HOSTILE_PAGES = {
    "tags that never end": "<a " * 70_000,
    "attributes without a value": "<a b=" * 50_000,
    "quotes that never close": '<a b="' * 50_000,
    "comments that never close": "<!--" * 60_000,
    "tags within tags": "<div>" * 50_000,
    "tables within tables": "<table><tr><td>a" * 20_000,
    "links": "www.a " * 40_000,
    "notes": "[1] " * 60_000,
}


@pytest.mark.parametrize("page", HOSTILE_PAGES.values(), ids=HOSTILE_PAGES)
def test_a_hostile_page_takes_time_in_proportion_to_its_length(page: str) -> None:
    began = time.process_time()
    assert read_here(f"<p>Welcome to Acme.</p><p>{page}".encode(), "text/html").text
    assert time.process_time() - began < 4


def test_a_hostile_word_document_takes_time_in_proportion_to_its_length() -> None:
    spaces = f'xmlns:w="{WORD_SPACE}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    body = written(("Normal", "Ten dollars a month.")) + "<mc:Fallback/>" * 250_000
    began = time.process_time()
    xml = f"<w:document {spaces}><w:body>{body}</w:body></w:document>"
    assert read_here(word(xml=xml.encode()), DOCX).text == "Ten dollars a month."
    assert time.process_time() - began < 4


def titles(*headings: str) -> list[str]:
    text = "".join(f"# {heading}\n\nThis is about it, number {number}.\n\n" for number, heading in enumerate(headings))
    return list(told(read_here(text.encode(), "text/markdown")))


def test_headings_lose_the_numbers_of_chapters_alone() -> None:
    assert titles(
        *("1. Delivery", "2 Prices", "3 Support", "3.1 Hours", "Chapter 4 Law"),
        *("II Terms", "III Words", "30 days to send it back", "I forgot my password"),
    ) == ["Delivery", "Prices", "Support", "Hours", "Law", "Terms", "Words", "30 days to send it back",
          "I forgot my password"]  # fmt: skip
    kept = ["1. Delivery", "2 Year Warranty", "24 Hour Support", "I Need Help", "100 Day Trial"]
    assert titles(*kept) == ["Delivery", *kept[1:]]
    assert titles("I Need Help", "I Forgot It") == ["I Need Help", "I Forgot It"]
    assert titles("2024 Results", "2025 Plans") == ["2024 Results", "2025 Plans"]
    assert titles("1 Year Plan", "2 Year Plan", "3 Year Plan") == ["1 Year Plan", "2 Year Plan", "3 Year Plan"]


@pytest.mark.parametrize(
    ("head", "encoding", "words"),
    [
        ('<meta charset="windows-1251">', "windows-1251", "Доставка за два дня."),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-2">', "iso-8859-2", "Žluťoučký kůň."),
        ('<?xml version="1.0" encoding="Shift_JIS"?>', "cp932", "配送は二日です。"),
        ('<meta charset="iso-8859-1">', "windows-1252", "Für 10 € im Monat."),
        ('<meta charset="windows-1251">', "utf-8", "Für 10 € im Monat."),
        ('<meta charset="hex">', "windows-1252", "Für 10 € im Monat."),
        ("", "windows-1252", "Für 10 € im Monat."),
        ("", "windows-1251", "Доставка за два дня."),
    ],
    ids=["cyrillic", "czech", "japanese", "western", "utf-8 all the same", "of no text", "untold", "untold cyrillic"],
)
def test_a_page_is_read_in_the_letters_it_says(head: str, encoding: str, words: str) -> None:
    page = f"<html><head>{head}</head><body><h1>A</h1><p>{words}</p></body></html>".encode(encoding)
    assert read_here(page, "text/html").text == f"A\n{words}"


def test_what_has_no_words_is_no_topic() -> None:
    text = f"We ship.\n\n{'[' * 3000}\n\nTen dollars a month.\n"
    assert told(read_here(text.encode(), "text/plain")) == {"We ship": "We ship. Ten dollars a month."}


def test_figures_stay_what_they_are() -> None:
    text = "Size\n\nThe bed is 160*200 cm, for **rooms** of 12 m\u00b2 and 30 m\u00b3 or more\u00b2.\n\n"
    text += "Cold\n\n-20 to +50 degrees.\n"
    expected = {
        "Size": "The bed is 160*200 cm, for rooms of 12 m\u00b2 and 30 m\u00b3 or more.",
        "Cold": "-20 to +50 degrees.",
    }
    assert told(read_here(text.encode(), "text/plain")) == expected
    assert told(read_here(word(("Heading1", "Cold"), ("Normal", "\u2013 20 to 50 degrees")), DOCX)) == {
        "Cold": "20 to 50 degrees."
    }, "a dash before a space is no sign"


@pytest.mark.parametrize(
    ("make", "media_type", "code"),
    [
        (lambda: pdf_files.blank(501), PDF, "document_too_many_pages"),
        (lambda: pdf_files.blank(2), PDF, "document_without_text"),
        (lambda: pdf_files.handbook()[:600], PDF, "document_unreadable"),
        (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 100, PDF, "document_unreadable"),
        (lambda: pdf_files.encrypted(pdf_files.handbook(), password="secret"), PDF, "document_encrypted"),
        (pdf_files.endless, PDF, "document_unreadable"),
        (pdf_files.deep, PDF, "document_unreadable"),
        (pdf_files.nested_bomb, PDF, "document_too_large"),
        (lambda: b"\0\1\2", "text/plain", "document_unreadable"),
        (lambda: b"12 34 !!", "text/plain", "document_without_text"),
        (lambda: b"a b " * 300_000, "text/plain", "document_too_long"),
        (lambda: b"PK\3\4 no archive", DOCX, "document_unreadable"),
        (lambda: OLD + bytes(512) + "WordDocument".encode("utf-16-le"), DOCX, "document_unreadable"),
        (lambda: OLD + bytes(512) + "EncryptedPackage".encode("utf-16-le"), DOCX, "document_encrypted"),
        (lambda: word(xml=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), DOCX, "document_unreadable"),
        (lambda: word(xml=b"<x>" + b" " * (51 * 1024**2) + b"</x>"), DOCX, "document_too_large"),
    ],
    ids=lambda value: None if callable(value) else value,
)
def test_what_cannot_be_read_is_refused_with_a_reason(
    make: Callable[[], bytes], media_type: MediaType, code: str
) -> None:
    with pytest.raises(DocumentError) as refused:
        read_here(make(), media_type)
    assert refused.value.code == code


async def test_a_bomb_takes_no_memory_of_ours_and_leaves_no_process() -> None:
    mine = psutil.Process()
    before = mine.memory_info().rss
    with pytest.raises(DocumentError) as refused:
        await read_document(pdf_files.bomb(), PDF, "Bomb")
    assert refused.value.code == "document_too_large"
    # Making the bomb takes some itself; unpacked it has 460 MB.
    assert mine.memory_info().rss - before < 400 * 1024**2
    assert not _readers(mine)


async def test_a_document_that_takes_too_long_is_given_up_with_its_process() -> None:
    with pytest.raises(DocumentError) as refused:
        await read_document(pdf_files.handbook(), PDF, "Handbook", deadline_s=0.01)
    assert refused.value.code == "document_too_slow"
    reading = asyncio.create_task(read_document(pdf_files.handbook(), PDF, "Handbook"))
    mine = psutil.Process()
    async with asyncio.timeout(5):
        while not _readers(mine):
            await asyncio.sleep(0.01)
    reading.cancel()
    await asyncio.wait([reading])
    assert not _readers(mine)


async def test_a_document_whose_reading_is_stopped_from_outside_is_not_called_damaged() -> None:
    reading = asyncio.create_task(read_document(pdf_files.handbook(), PDF, "Handbook"))
    mine = psutil.Process()
    async with asyncio.timeout(5):
        while not (readers := _readers(mine)):
            await asyncio.sleep(0.01)
    readers[0].terminate()
    with pytest.raises(DocumentError) as refused:
        await reading
    assert (refused.value.code, refused.value.retryable) == ("document_reader_failed", True)


async def test_text_may_work_for_a_few_seconds_alone() -> None:
    page = b"<p>w" * 200_000
    reading = asyncio.create_task(read_document(page, "text/html", "Page"))
    mine = psutil.Process()
    async with asyncio.timeout(5):
        while not (readers := _readers(mine)) or readers[0].rlimit(psutil.RLIMIT_CPU)[0] != TEXT_CPU_S:
            await asyncio.sleep(0.01)
    reading.cancel()
    await asyncio.wait([reading])


def _readers(mine: psutil.Process) -> list[psutil.Process]:
    found = []
    for child in mine.children(recursive=True):
        try:
            if any("reader_process" in word for word in child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return found


def test_the_readme_makes_topics_that_fit(request: pytest.FixtureRequest) -> None:
    readme = Path(request.config.rootpath, "README.md").read_bytes()
    sections = read_here(readme, "text/markdown").sections
    assert len(sections) > 10
    assert all(0 < len(section.title) <= 140 and 0 < len(section.text) <= 1100 for section in sections)
    assert all(section.text.endswith((".", "!", "?", ")", '"')) for section in sections)
