"""Which column of a table is which field of a lead, whatever the program or language calls it. Pure."""

import re
import unicodedata
from collections.abc import Sequence

from msgspec import Struct

MAX_COLUMNS = 1_000
"""Whole exports of CRMs have some hundred."""

_MAX_NAME_CHARS = 100

_NAMES = {
    "company_name": "company, company name, company / account, account, account name, associated company,"
    " organization, organisation, organization name, business, Firma, Firmenname, Unternehmen, société, entreprise,"
    " raison sociale, empresa, azienda, società, ragione sociale, bedrijf, bedrijfsnaam, nazwa firmy, společnost,"
    " företag, virksomhed, компания, организация",
    "company_website": "website, company website, website url, web, url, homepage, company url, domain,"
    " company domain, site, Webseite, site web, site internet, sitio web, página web, sito web, strona www, сайт",
    "company_size": "company size, size, employees, employee count, number of employees, no. of employees, headcount,"
    " Mitarbeiter, Mitarbeiterzahl, Anzahl Mitarbeiter, effectif, effectifs, empleados, dipendenti,"
    " liczba pracowników, число сотрудников",
    "industry": "industry, sector, vertical, Branche, secteur, secteur d'activité, settore, branża, odvětví, отрасль",
    "contact_name": "name, full name, contact, contact name, contact person, person, lead name, Ansprechpartner,"
    " Kontakt, nom complet, nombre completo, nome completo, imię i nazwisko, jméno a příjmení, фио",
    "first_name": "first name, given name, forename, Vorname, prénom, nombre, nome, voornaam, imię, jméno, förnamn,"
    " fornavn, имя",
    "last_name": "last name, surname, family name, Nachname, nom, nom de famille, apellido, apellidos, cognome,"
    " sobrenome, achternaam, nazwisko, příjmení, efternamn, efternavn, etternavn, фамилия",
    "contact_email": "e-mail, mail, e-mail address, contact email, work email, business email, primary email,"
    " E-Mail-Adresse, courriel, adresse e-mail, adresse mail, correo, correo electrónico, adres e-mail, e-post,"
    " электронная почта, почта",
    "contact_title": "title, job title, contact title, position, role, job role, Funktion, fonction, poste, cargo,"
    " puesto, ruolo, functie, stanowisko, funkce, должность",
    "contact_phone": "phone, phone number, telephone, tel, mobile, mobile phone, mobile phone number, cell,"
    " cell phone, contact phone, work phone, work direct phone, primary phone, direct phone, Telefon, Telefonnummer,"
    " Telefon (geschäftlich), Mobil, Mobiltelefon, Handy, téléphone, portable, teléfono, móvil, telefono, cellulare,"
    " telefone, celular, telefoon, telefon komórkowy, телефон, мобильный",
    "further_emails": "other emails, other email, secondary email, second email, additional emails, alternate email,"
    " alternative email, personal email, private email, home email, email 2, email 3, e-mail 2 - value,"
    " e-mail 3 - value, weitere E-Mail-Adressen, E-Mail privat, E-Mail 2, autre e-mail, e-mail personnel",
    "further_phones": "other phones, other phone, secondary phone, second phone, additional phones, home phone,"
    " alternate phone, business phone, company phone, office phone, phone 2, phone 3, mobile 2, phone 2 - value,"
    " phone 3 - value, weitere Telefonnummern, Telefon privat, Telefon (privat), Telefon 2, autre téléphone",
    "linkedin_url": "LinkedIn, LinkedIn URL, LinkedIn profile, person LinkedIn URL",
    "notes": "notes, note, comment, comments, description, remarks, Notizen, Notiz, Bemerkung, Bemerkungen,"
    " Kommentar, remarques, commentaire, notas, observaciones, uwagi, poznámka, комментарий",
    "status": "status, lead status",
    "time_zone": "time zone",
    "need": "need, pain, pain point, use case",
    "team_size": "team size, users, seats",
    "budget": "budget",
    "authority": "authority, decision maker",
    "timing": "timing, timeline, time frame",
    "source": "source, lead source, origin",
}


def plain(name: str) -> str:
    """ "E-Mail Address", "emailAddress" and "EMAIL_ADDRESS" are one name, with accents or without."""
    letters = unicodedata.normalize("NFD", name.lower())
    return re.sub(r"[\W_\u0300-\u036f]+", "", letters)


_FIELD_OF = {plain(name): field for field, names in _NAMES.items() for name in (field, *names.split(","))}
FIELDS = tuple(_NAMES)
_COUNTRY = frozenset(
    map(plain, "country, country/region, country code, Land, pays, país, paese, kraj, země, страна".split(","))
)


class Columns(Struct, frozen=True):
    """What a header says. ``fields``: the field of each column, None where it is none of ours: it is kept under its
    own name in ``custom``. ``country``: which column names the country, as one of those."""

    names: tuple[str, ...]
    fields: tuple[str | None, ...]
    country: int | None

    @property
    def known(self) -> dict[str, str]:
        """Field by column, for the report."""
        return {name: field for name, field in zip(self.names, self.fields, strict=True) if field is not None}

    @property
    def custom(self) -> tuple[str, ...]:
        return tuple(name for name, field in zip(self.names, self.fields, strict=True) if field is None and name)


def columns_of(header: Sequence[str]) -> Columns:
    """Where first names have a column of their own and last names none, the other names are those."""
    names = tuple(cell[:_MAX_NAME_CHARS] for cell in header)
    fields = [_FIELD_OF.get(plain(name)) for name in names]
    if "first_name" in fields and "last_name" not in fields:
        fields = ["last_name" if plain(name) == "name" else field for name, field in zip(names, fields, strict=True)]
    country = next((at for at, name in enumerate(names) if plain(name) in _COUNTRY), None)
    return Columns(names, tuple(fields), country)
