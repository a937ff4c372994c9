"""Where a caller comes from: numbers with their country code, addresses, and what carriers say of withheld numbers."""

import pytest

from agent_server.hosting.caller_origin import number_kept, origin_of
from storage.leads.of_callers import Origin


@pytest.mark.parametrize("given", ["+1 415 555 0132", "tel:+14155550132", "0014155550132", " +1 (415) 555-0132 "])
def test_numbers(given: str) -> None:
    assert origin_of(given) == Origin(phone="+14155550132")


def test_addresses() -> None:
    assert origin_of(" Ann@Acme.com ") == Origin(email="ann@acme.com")


@pytest.mark.parametrize(
    "given",
    [None, "", "anonymous", "Restricted", "unknown", "+266696687", "+7378742833", "+86282452253", "+8656696",
     "+2562533", "4155550132", "+1415555", "sip:ann@acme.com@host", "+" * 50, "+1415555013\u0662", "x" * 100_000],
)  # fmt: skip
def test_withheld_or_not_to_be_read(given: str | None) -> None:
    assert origin_of(given) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("+14155550132", "+14155550132"),
        ("14155550132", "+14155550132"),
        ("4155550132", "+14155550132"),
        ("442079460000", "+442079460000"),
        ("anonymous", "anonymous"),
        ("+266696687", "anonymous"),
        ("02079460000", "02079460000"),
        ("x" * 100, "x" * 64),
        (None, ""),
    ],
)
def test_a_number_without_its_plus_is_kept_as_it_would_be_dialled(given: str | None, kept: str) -> None:
    assert number_kept(given) == kept
