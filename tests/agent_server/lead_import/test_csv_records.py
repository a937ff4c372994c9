"""Files as programs write them, in pieces of any size."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.lead_import.csv_records import MAX_RECORD_CHARS, MAX_RECORD_LINES, CsvRecords


def read(data: bytes, piece: int = 7, **options):
    records = CsvRecords(**options)
    found = [record for at in range(0, len(data), piece) for record in records.feed(data[at : at + piece])]
    return [*found, *records.finish()], records


def cells(data: bytes, **options):
    return [record.cells for record in read(data, **options)[0]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_line_ends_and_delimiters_are_found_out(encoding, end, delimiter):
    lines = [("Company", "E-Mail"), ("Müller & Söhne", "a@b.com"), ("", ""), ("Café", "c@d.com")]
    data = "".join(delimiter.join(line) + end for line in lines).encode(encoding)
    assert cells(data) == [["Company", "E-Mail"], ["Müller & Söhne", "a@b.com"], ["Café", "c@d.com"]]


POLISH = "Łukasz Wójcik;Łódź|Małgorzata Zielińska;Kraków|Paweł Dąbrowski;Gdańsk"
CZECH = "Jiří Dvořák;Plzeň|Tereza Němcová;Mladá Boleslav|Lukáš Černý;Brno"
HUNGARIAN = "László Szűcs;Győr|Gergő Tóth;Budapest|Ágnes Kővári;Pécs"
RUSSIAN = "Иван Петров;Москва|Ольга Смирнова;Казань"
GREEK = "Γιώργος Παπαδόπουλος;Αθήνα|Ελένη Νικολάου;Θεσσαλονίκη"
TURKISH = "Şükrü Y\u0131ld\u0131z;İstanbul|Ayşe Güneş;Eskişehir|Çağla Öztürk;Muğla"
GERMAN = "Jürgen Müller;München|Käthe Groß;Köln"
FRENCH = "François Lefèvre;Orléans|Hélène Bérard;Besançon|Benoît Garçon;Nîmes"
SPANISH = "José Muñoz;Málaga|María Ibáñez;León|Íñigo Núñez;A Coruña|Ángel López;Cádiz"
PORTUGUESE = "João Gonçalves;São Paulo|Conceição Araújo;Brasília"
SWEDISH = "Åsa Öberg;Malmö|Märta Åkesson;Västerås"
DANISH = "Søren Kjær;København|Jørgen Sørensen;Ålborg"
ITALIAN = "Niccolò Rossi;Forlì|Nicolò D'Aloè;Cantù"


@pytest.mark.parametrize(
    ("names", "encoding"),
    [(names, "windows-1250") for names in (POLISH, CZECH, HUNGARIAN)]
    + [(RUSSIAN, "windows-1251"), (GREEK, "windows-1253"), (TURKISH, "windows-1254")]
    + [(names, "windows-1252") for names in (GERMAN, FRENCH, SPANISH, PORTUGUESE, SWEDISH, DANISH, ITALIAN)],
)
@pytest.mark.parametrize("others", [0, 500], ids=["few rows", "rows in a long table"])
def test_which_code_page_of_windows_it_is_is_guessed_and_shown(names, encoding, others):
    rows = [name.split(";") for name in names.split("|")]
    plain = "".join(f"John Smith {number};Springfield\r\n" for number in range(others))
    data = f"Name;City\r\n{plain}".encode() + "".join(";".join(row) + "\r\n" for row in rows).encode(encoding)
    found, records = read(data)
    assert [record.cells for record in found][-len(rows) :] == rows
    assert records.encoding == encoding
    assert 0 < len(records.examples) <= 3
    assert all(word in names and not word.isascii() for word in records.examples)


@pytest.mark.parametrize("word", ["Ærø", "Peña", "£5", "Café", "O\u2019Brien"])
def test_a_letter_or_two_are_western(word):
    assert cells(f"Name;City\n{word};Oslo\n".encode("windows-1252"))[1] == [word, "Oslo"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_is_unicode_is_certain(encoding):
    _, records = read(f"Name;City\n{POLISH}\n".encode(encoding))
    assert records.examples == ()


def test_what_is_said_to_be_utf_16_needs_no_mark_of_its_order():
    data = "name,notes\nMüller,1\n".encode("utf-16-le")
    assert cells(data, encoding="utf-16") == [["name", "notes"], ["Müller", "1"]]
    assert cells(b"a,b\n1,2\n", encoding="utf-16") != [], "nor do others fail"


def test_quotes_hold_delimiters_line_ends_and_quotes():
    data = b'name,notes\n"Doe, Jane","said ""hi""\nand left"\nJoe,5" pipe\n'
    records, _ = read(data)
    assert [(record.line, record.cells) for record in records] == [
        (1, ["name", "notes"]),
        (2, ["Doe, Jane", 'said "hi"\nand left']),
        (4, ["Joe", '5" pipe']),
    ]


def test_a_file_that_mixes_encodings_is_read_row_by_row():
    data = "a,b\nMüller,1\n".encode() + b"x" * 70_000 + b",2\n" + "Söhne,3\n".encode("windows-1252")
    found = cells(data, piece=5000)
    assert (found[1], found[3]) == (["Müller", "1"], ["Söhne", "3"])


def test_a_file_that_mixes_encodings_from_its_beginning_is_read_row_by_row():
    data = "a,b\nMüller,1\n".encode() + "Söhne,2\n".encode("windows-1252")
    assert cells(data) == [["a", "b"], ["Müller", "1"], ["Söhne", "2"]]


def test_lines_without_text_before_the_header_tell_nothing_of_its_delimiter():
    assert cells(b"\r\n\nname;notes\nJoe;1,2\n") == [["name", "notes"], ["Joe", "1,2"]]


def test_a_first_line_for_excel_tells_the_delimiter_and_is_no_header():
    for told in (b"sep=;\r\n", b'\xef\xbb\xbf"SEP=;"\n', b"sep=;;;\n"):
        records, _ = read(told + b"name;notes, all\nJoe;1,2,3\n")
        assert [(record.line, record.cells) for record in records] == [
            (2, ["name", "notes, all"]),
            (3, ["Joe", "1,2,3"]),
        ]
    assert cells(b"sep=\t\nname\tb,c,d\n", delimiter="\t") == [["name", "b,c,d"]]
    assert cells(b"name\nsep=;\n") == [["name"], ["sep=;"]], "a value is none"


def test_a_quote_that_is_never_closed_costs_its_own_line_alone():
    rows = "".join(f"row{number},x\n" for number in range(2 * MAX_RECORD_LINES))
    records, _ = read(f'a,b\nbad,"open\n{rows}'.encode(), piece=4096)
    assert [(record.line, record.error) for record in records if record.error] == [(2, "quote_not_closed")]
    assert len(records) == 2 + 2 * MAX_RECORD_LINES
    assert [record.line for record in records] == [*range(1, len(records) + 1)]


def test_a_quote_that_is_never_closed_takes_no_cell_of_a_later_row():
    data = b'company,notes,email\nAcme,"24 inch,ann@acme.example\nBolt,"fast",bob@bolt.example\nCo,"x",c@co.example\n'
    records, _ = read(data)
    assert [(record.line, record.error or record.cells) for record in records[1:]] == [
        (2, "quote_not_closed"),
        (3, ["Bolt", "fast", "bob@bolt.example"]),
        (4, ["Co", "x", "c@co.example"]),
    ]
    lines = b'company,notes,email\nAcme,"one\nsaid "hi" there",ann@acme.example\n'
    assert [len(found) for found in cells(lines)] == [3, 3], "of a program that does not know the rules"


def test_a_line_without_end_is_refused_without_being_kept():
    records = CsvRecords()
    found = records.feed(b"a,b\n")
    for _ in range(100):
        found += records.feed(b"x" * MAX_RECORD_CHARS)
        assert len(records._lines._rest) <= 3 * MAX_RECORD_CHARS
    found += records.feed(b"\nc,d\n") + records.finish()
    assert [(record.cells, record.error) for record in found] == [
        (["a", "b"], None),
        ([], "row_too_large"),
        (["c", "d"], None),
    ]


CELL = st.text(st.characters(blacklist_characters="\0\r", blacklist_categories=("Cs",)), max_size=8).map(str.strip)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=6), st.integers(1, 50))
def test_what_a_program_writes_is_read_whatever_the_pieces(rows, piece):
    rows = [["head", "er"], *rows]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    assert cells(out.getvalue().encode(), piece=piece, delimiter=",") == [row for row in rows if any(row)]


@given(st.binary(max_size=300), st.integers(1, 40))
def test_no_bytes_at_all_make_it_fail(data, piece):
    for record in read(data, piece=piece)[0]:
        assert record.error or record.cells
