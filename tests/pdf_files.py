"""PDFs made by hand, honest and hostile."""

import io
import zlib
from collections.abc import Sequence

from pypdf import PdfWriter

FONTS = b"<</Font<</F1 4 0 R/F2 5 0 R>>>>"
_LEFT, _TOP = 72, 720


def pdf_of(objects: Sequence[bytes]) -> bytes:
    """The first is the catalog."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def stream(content: bytes, about: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (about, len(content), content)


def pages_of(contents: Sequence[bytes], about: bytes = b"") -> bytes:
    """A page for each content stream; ``F1`` is Helvetica, ``F2`` its bold."""
    first = 6
    kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, len(contents)),
        b"null",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>",
    ]
    for number, content in enumerate(contents):
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents %d 0 R/Resources%b>>"
        objects += [page % (first + 2 * number + 1, FONTS), stream(content, about)]
    return pdf_of(objects)


def written(*lines: tuple[int, str]) -> bytes:
    """The content of a page: lines of a letter size; of size 0, a gap."""
    out, place = [], float(_TOP)
    for size, text in lines:
        if not size:
            place -= 14
            continue
        place -= 1.2 * size
        out.append(f"BT /F1 {size} Tf 1 0 0 1 {_LEFT} {place:.1f} Tm ({text}) Tj ET")
    return "\n".join(out).encode("latin-1")


def handbook(pages: int = 1) -> bytes:
    """One that can be read: a heading, a paragraph of two lines, another heading."""
    return pages_of(
        [
            written(
                (20, f"How long does delivery take? ({number})" if number else "How long does delivery take?"),
                (12, "Two working days within the country, since every ware-"),
                (12, "house is close to you. It is free from ten widgets on."),
                (0, ""),
                (20, f"What does it cost? ({number})" if number else "What does it cost?"),
                (12, "Ten dollars a month for each person."),
            )
            for number in range(pages)
        ]
    )


def bomb() -> bytes:
    """A megabyte that becomes half a gigabyte."""
    return pages_of([zlib.compress(b"BT /F1 12 Tf (a) Tj ET\n" * 20_000_000, 9)], b"/Filter/FlateDecode")


def nested_bomb() -> bytes:
    twice = zlib.compress(zlib.compress(b"\0" * 100_000_000, 9), 9)
    return pages_of([twice], b"/Filter[/FlateDecode/FlateDecode]")


def blank(pages: int) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    return _bytes(writer)


def encrypted(content: bytes, *, password: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(content))
    writer.encrypt(password, "of-the-owner", algorithm="AES-256")
    return _bytes(writer)


def endless() -> bytes:
    """Its pages are their own parent."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>"
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 1>>", page])


def deep() -> bytes:
    brackets = b"[" * 100_000 + b"]" * 100_000
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0/X %b>>" % brackets])


def _bytes(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()
