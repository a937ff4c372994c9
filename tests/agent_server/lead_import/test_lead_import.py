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


SALESFORCE = """"First Name","Last Name","Company / Account","Email","Phone","Mobile","Country"
"Jane","Doe","Acme, Inc.","jane@acme.com","(415) 555-0132","415.555.0133","US"
"","Smith","Bolt LLC","[not provided]","'+1 415-555-0140","",""
"Ann","Lee","Beta","ann@beta.com;ann.lee@mail.com","+49 151 23456789 / 030 1234567","","DE"
"""
GERMAN = """Kundenliste 2026;;;;;;
Firma;Vorname;Name;E-Mail-Adresse;Telefon (geschäftlich);Mitarbeiterzahl;Land
Müller GmbH;Jürgen;Müller;Jürgen Müller <j@mueller.com>;030 / 123456-78;1.200;Deutschland
Kaffee AG;;;info@kaffee.com;k. A.;ca. 50;CH
"""
FRENCH = """sep=;
Societe;Nom;Prénom;Courriel;Téléphone;Pays
Boulangerie;Lefèvre;François;f@boulangerie.com;01 23 45 67 89;France
"""


async def test_what_programs_export_in_other_languages_is_understood(imported, database):
    for text in (SALESFORCE, GERMAN.encode("windows-1252"), FRENCH.encode("windows-1252")):
        assert (await imported(text)).failed == 0
    kept = {
        lead.company_name: (lead.contact_name, lead.contact_email, lead.contact_phone)
        for lead in (await all_leads(database)).values()
    }
    assert kept == {
        "Acme, Inc.": ("Jane Doe", "jane@acme.com", "+14155550132"),
        "Bolt LLC": ("Smith", None, "+14155550140"),
        "Beta": ("Ann Lee", "ann@beta.com", "+4915123456789"),
        "Müller GmbH": ("Jürgen Müller", "j@mueller.com", "+493012345678"),
        "Kaffee AG": (None, "info@kaffee.com", None),
        "Boulangerie": ("François Lefèvre", "f@boulangerie.com", "+33123456789"),
    }
    custom = {lead.company_name: lead.custom for lead in (await all_leads(database)).values()}
    assert custom["Acme, Inc."] == {"Country": "US"}
    assert custom["Beta"] == {"Country": "DE"}
    further = {
        lead.company_name: (lead.further_emails, lead.further_phones) for lead in (await all_leads(database)).values()
    }
    assert further["Acme, Inc."] == ((), ("+14155550133",))
    assert further["Beta"] == (("ann.lee@mail.com",), ("+49301234567",))


async def test_further_addresses_and_numbers_come_from_any_column(imported, database):
    """Whatever the order of the columns, and with words beside them kept."""
    await imported(
        "company	Home phone	Personal email	Email	Phone	Mobile\n"
        "Acme	415 555 0134	ann@home.example, no address	ann@acme.com	415 555 0132	call the office\n"
        "Bolt	415 555 0140	bob@home.example			\n"
    )
    leads = await all_leads(database)
    ann, bob = leads["ann@acme.com"], leads["bob@home.example"]
    assert (ann.further_emails, ann.contact_phone, ann.further_phones) == (
        ("ann@home.example",),
        "+14155550132",
        ("+14155550134",),
    )
    assert ann.custom == {"Personal email": "ann@home.example, no address", "Mobile": "call the office"}
    assert (bob.contact_phone, bob.further_emails, bob.further_phones) == ("+14155550140", (), ())


async def test_a_whole_name_says_more_than_its_parts(imported, database):
    await imported("Full name,First name,Last name,Email\nDr. Ann van Lee,Ann,Lee,ann@acme.com\n")
    assert (await all_leads(database))["ann@acme.com"].contact_name == "Dr. Ann van Lee"


async def test_cells_without_an_address_and_with_several_numbers_are_understood(imported, database):
    """What is said of an address is kept where no lead is known by it; how numbers are dialled says nothing more."""
    report = await imported(
        "company,Email,Personal email,Phone\nAcme,unknown,ask her,0049 30 1234567; 0049 30 7654321; (0049) 30 555555\n"
    )
    assert (report.created, report.failed) == (1, 0)
    (lead,) = (await all_leads(database)).values()
    assert (lead.contact_email, lead.further_emails, lead.contact_phone) == (None, (), "+49301234567")
    assert lead.further_phones == ("+4930555555", "+49307654321")
    assert lead.custom == {"Personal email": "ask her"}


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("tel:+4930123456", "", "+4930123456"),
        ("\uff0b14155550132", "", "+14155550132"),
        ("\u260e +1 415 555 0132", "", "+14155550132"),
        ("+1 415 555 0132 (home)", "", "+14155550132"),
        ("unknown", "", None),
        ("-", "", None),
        ("030/123456", "", "030/123456"),
        ("22 123 45 67", "Polska", "+48221234567"),
        ("8 (495) 123-45-67", "Россия", "+74951234567"),
        ("9876543210", "India", "+919876543210"),
        ("00 44 (0)20 7946 0018", "Germany", "+442079460018"),
        ("415-555-0140 x22", "USA", "415-555-0140 x22"),
        ("+44 20 7946 0018", "Germany", "+442079460018"),
    ],
)
async def test_a_telephone_number_is_kept_as_it_is_called(imported, database, written, country, number):
    await imported(f"company\tphone\tcountry\nAcme\t{written}\t{country}\n")
    lead = (await all_leads(database))["Acme"]
    assert (lead.contact_phone, lead.custom.get("phone")) == (number, None)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Doe, Jane", "Jane Doe"),
        ("de la Cruz, Ana", "de la Cruz, Ana"),
        ("O'Brien-Smith, Joe P.", "Joe P. O'Brien-Smith"),
        ("Jane Doe, MBA", "Jane Doe, MBA"),
        ("Jane  Doe", "Jane Doe"),
    ],
)
async def test_a_name_is_kept_as_it_is_said(imported, database, written, name):
    await imported(f'company,name\nAcme,"{written}"\n')
    assert (await all_leads(database))["Acme"].contact_name == name


async def test_titles_above_the_table_are_no_header_and_a_list_of_one_column_has_no_delimiter(imported, database):
    report = await imported("Lead list 2026\n\nCompany;E-Mail\nAcme, Inc.;ann@acme.com\n")
    assert (report.delimiter, report.columns) == (";", {"Company": "company_name", "E-Mail": "contact_email"})
    assert (await imported("Company\nBolt; Nut\n")).failed == 0
    assert {lead.company_name for lead in (await all_leads(database)).values()} == {"Acme, Inc.", "Bolt; Nut"}


async def test_a_refused_file_hears_what_it_begins_with(imported):
    with pytest.raises(ImportRefused, match=r"It has: Farbe, Größe\."):
        await imported("Farbe;Größe\nrot;5\n")


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
