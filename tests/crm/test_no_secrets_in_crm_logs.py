"""Whatever happens, no key, token or customer word reaches log text, error text or a repr."""

import logging
from datetime import UTC, datetime

import msgspec
import pytest
from crm_world import CrmWorld

from crm.apollo import people
from crm.client import CallOptions
from crm.close import contacts, leads, notes
from crm.close.provider import CloseProvider
from crm.contact import CallOutcome, ContactFields, ContactQuery, PersonKey
from crm.credentials import Credential
from crm.errors import CrmError

SECRETS = ("simulated-close-key", "simulated-apollo-key", "c2ltdWxhdGVk", "t0psecret")
WORDS = ("Zebulon", "zebulon", "Quixworth", "5415559876", "call me maybe")
PERSON = ContactFields(
    email="zebulon@quixworth.example", first_name="Zebulon", company="Quixworth", phone="+15415559876"
)
HASTY = CallOptions(deadline_s=30.0, share=1.0, try_timeout_s=0.2)
FAULTS = (
    "server_error",
    "rate_limit,retry_after_s=1",
    "garbage",
    "drop@mid",
    "drop@first",
    "stall@first",
    "refuse,status=401",
)


async def everything(world: CrmWorld, errors: list[CrmError]) -> None:
    """Calls of every kind; their errors are gathered."""
    provider = world.close_provider()
    since = datetime.fromtimestamp(world.clock() - 60, UTC)
    outcome = CallOutcome(direction="inbound", answered=True, duration_s=5, phone=PERSON.phone, notes="call me maybe")
    for call in (
        provider.create_contact(PERSON, reference="ref-1", options=HASTY),
        provider.find_created("ref-1", PERSON, since=since, options=HASTY),
        provider.find_contacts(ContactQuery(emails=("zebulon@quixworth.example",)), HASTY),
        provider.find_contacts(ContactQuery(text="Zebulon Quixworth"), HASTY),
        provider.log_call("lead_none", outcome, reference="ref-2", options=HASTY),
        provider.list_contacts(options=HASTY),
        provider.changes(provider.changes_from(since), HASTY),
        CloseProvider(world.close_client("t0psecret")).check(HASTY),
        world.apollo_provider().enrich_person(PersonKey(email="zebulon@quixworth.example"), HASTY),
        world.apollo_provider().enrich_company("quixworth.example", HASTY),
    ):
        try:
            await call
        except CrmError as error:
            errors.append(error)


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_fault_brings_them_out(world: CrmWorld, caplog: pytest.LogCaptureFixture, fault: str) -> None:
    errors: list[CrmError] = []
    with caplog.at_level(logging.DEBUG):
        world.faults(f"close:{fault}; apollo:{fault}")
        await everything(world, errors)
    assert errors
    said = caplog.text + "".join(f"{error!s} {error!r} {error.__cause__!r}" for error in errors)
    said += "".join(map(repr, world.reports))
    for word in (*SECRETS, *WORDS):
        assert word not in said


async def test_faultless_calls_do_not_either(world: CrmWorld, caplog: pytest.LogCaptureFixture) -> None:
    errors: list[CrmError] = []
    with caplog.at_level(logging.DEBUG):
        await everything(world, errors)
    for word in (*SECRETS, *WORDS):
        assert word not in caplog.text


def test_requests_and_credentials_do_not_show_themselves() -> None:
    shown = repr(
        (
            contacts.create("lead_1", contacts.ContactDraft(name="Zebulon")),
            leads.create(leads.LeadChanges(name="Quixworth")),
            notes.create("lead_1", "call me maybe"),
            people.match(PersonKey(email="zebulon@quixworth.example")),
            msgspec.structs.replace(leads.get("lead_1"), url="/x?email=zebulon", headers=(("x-api-key", "t0psecret"),)),
            Credential("close", api_key="t0psecret", access_token="t0psecret", refresh_token="t0psecret"),
        )
    )
    for word in (*SECRETS, *WORDS):
        assert word not in shown
