"""Whole files into the real database."""

import pytest

from agent_server.lead_import.events import ImportProgress, ImportRefused, ImportRowError
from agent_server.lead_import.run import ImportOptions, LeadImport
from storage.keys.secret_tokens import utc_now
from storage.leads.leads import Leads


@pytest.fixture
def imported(database):
    async def run(text, told=None, **options):
        told = [] if told is None else told
        data = text.encode() if isinstance(text, str) else text

        async def pieces():
            for at in range(0, len(data), 50_000):
                yield data[at : at + 50_000]

        async def tell(events):
            told.extend(events)

        return await LeadImport(database, ImportOptions(**options), now=utc_now, tell=tell).run(pieces())

    return run


async def all_leads(database):
    return {lead.contact_email or lead.company_name: lead for lead in (await Leads(database).list(limit=1000)).items}


def counts(report):
    return (report.rows, report.created, report.updated, report.unchanged, report.skipped, report.failed)


HUBSPOT = """First Name,Last Name,Email,Company name,Number of Employees,Lead Status,Region
Jane,Doe,Jane@Acme.com,Acme,51-200,NEW,North
Joe,,joe@beta.com,Beta,,customer,
,,,,,,
,,,Gamma Ltd,,,South
"""


async def test_a_file_of_another_program_is_understood(imported, database):
    report = await imported(HUBSPOT, source="hubspot.csv")
    assert counts(report) == (3, 3, 0, 0, 0, 0)
    assert report.columns["Email"] == "contact_email"
    assert report.custom_columns == ("Region",)
    leads = await all_leads(database)
    jane, joe = leads["jane@acme.com"], leads["joe@beta.com"]
    assert (jane.contact_name, jane.company_size, jane.status, jane.source) == (
        "Jane Doe",
        "51-200",
        "pending",
        "hubspot.csv",
    )
    assert jane.custom == {"Region": "North", "Lead Status": "NEW"}
    assert (joe.contact_name, joe.status, joe.custom) == ("Joe", "customer", {})


async def test_the_same_file_again_changes_nothing(imported, database):
    await imported(HUBSPOT)
    before = await all_leads(database)
    assert counts(await imported(HUBSPOT)) == (3, 0, 0, 3, 0, 0)
    assert await all_leads(database) == before


@pytest.mark.parametrize(
    ("existing", "expected", "fate"),
    [
        ("update", ("New", "Retail", {"a": "2", "b": "3"}), (1, 0, 1, 0, 0, 0)),
        ("fill", ("Old", "Retail", {"a": "1", "b": "3"}), (1, 0, 1, 0, 0, 0)),
        ("skip", ("Old", None, {"a": "1"}), (1, 0, 0, 0, 1, 0)),
    ],
)
async def test_what_becomes_of_known_leads_is_the_operators_choice(imported, database, existing, expected, fate):
    await imported("email,company,industry,a,notes\njane@acme.com,Old,,1,keep\n")
    report = await imported("email,company,industry,a,b,notes\nJANE@acme.com,New,Retail,2,3,\n", existing=existing)
    assert counts(report) == fate
    lead = (await all_leads(database))["jane@acme.com"]
    assert (lead.company_name, lead.industry, lead.custom) == expected
    assert lead.notes == "keep"


async def test_a_bad_row_costs_no_other_and_says_why(imported, database):
    told = []
    text = (
        "company,email,team size,notes\n"
        "Acme,not an address,,\n"
        "Beta,b@beta.com,many,\n"
        ",,5,\n"
        f"{'x' * 301},c@x.com,,\n"
        "Delta,d@delta.com,7,,extra\n"
        'Echo,e@echo.com,"1,000",fine\n'
        "Nul\0,n@n.com,,\n"
        "Huge,h@h.com,99999999999,\n"
    )
    report = await imported(text, told=told)
    assert [(error.line, error.code, error.column) for error in report.errors] == [
        (2, "invalid_email", "email"),
        (3, "invalid_number", "team size"),
        (4, "lead_unnamed", None),
        (5, "too_long", "company"),
        (6, "too_many_cells", None),
        (8, "not_text", "company"),
        (9, "invalid_number", "team size"),
    ]
    assert [event.line for event in told if isinstance(event, ImportRowError)] == [2, 3, 4, 5, 6, 8, 9]
    assert (report.created, report.failed, report.errors_left_off) == (1, 7, 0)
    assert [lead.team_size for lead in (await all_leads(database)).values()] == [1000]


async def test_a_telephone_number_that_a_script_wrote_as_a_number_can_be_called(imported, database):
    await imported("company,phone\nAcme,4155550100.0\nBolt,4.155E+11\n")
    leads = await all_leads(database)
    assert (leads["Acme"].contact_phone, leads["Bolt"].contact_phone) == ("+14155550100", "4.155E+11")


async def test_numbers_of_people_are_read_as_programs_write_them(imported, database):
    sizes = {"12": 12, "12.0": 12, '"12,00"': 12, '"1,200"': 1200, "1.200": 1200, "1 200": 1200, '"1,200.00"': 1200}
    rows = "".join(f"c{number},{written}\n" for number, written in enumerate([*sizes, "1.5", '"1,20"']))
    report = await imported(f"company,team size\n{rows}")
    assert [error.code for error in report.errors] == ["invalid_number", "invalid_number"]
    sizes_read = {lead.company_name: lead.team_size for lead in (await all_leads(database)).values()}
    assert sizes_read == {f"c{number}": size for number, size in enumerate(sizes.values())}


async def test_a_row_that_repeats_another_of_the_file_is_one_lead(imported, database):
    text = "email,company,industry\na@a.com,Acme,\nA@A.com,,Retail\n,Beta,\n,BETA,Health\n"
    assert counts(await imported(text)) == (4, 2, 2, 0, 0, 0)
    leads = await all_leads(database)
    assert (leads["a@a.com"].company_name, leads["a@a.com"].industry) == ("Acme", "Retail")
    assert len(leads) == 2


async def test_a_dry_run_tells_and_writes_nothing(imported, database):
    await imported("email\na@a.com\n")
    report = await imported("email,company\na@a.com,Acme\nb@b.com,Beta\nbad,\n", dry_run=True)
    assert counts(report) == (3, 1, 1, 0, 0, 1)
    assert [lead.company_name for lead in (await all_leads(database)).values()] == [None]


async def test_a_whole_export_of_a_crm_is_taken(imported, database):
    header = ",".join(f"property {number}" for number in range(400))
    report = await imported(f"{header},email\n{',' * 398}x,y,a@a.com\n")
    assert (report.columns, counts(report)) == ({"email": "contact_email"}, (1, 1, 0, 0, 0, 0))
    assert (await all_leads(database))["a@a.com"].custom == {"property 398": "x", "property 399": "y"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_header"),
        ("\n\n", "no_header"),
        ('"email,company\n', "no_header"),
        ("a,b\n1,2\n", "no_known_columns"),
        ("PK\x03\x04 email", "no_table"),
        ("email" + ",x" * 1000 + "\n", "too_many_columns"),
    ],
    ids=["empty", "blank", "open", "unknown", "workbook", "wide"],
)
async def test_a_file_that_is_no_table_of_leads_is_refused(imported, text, code):
    with pytest.raises(ImportRefused) as caught:
        await imported(text)
    assert caught.value.code == code


async def test_many_rows_are_written_in_batches_and_told(imported, database):
    told = []
    text = "email,company\n" + "".join(f"user{number}@example.com,Company {number}\n" for number in range(5000))
    report = await imported(text, told=told)
    assert counts(report) == (5000, 5000, 0, 0, 0, 0)
    assert any(isinstance(event, ImportProgress) for event in told)
