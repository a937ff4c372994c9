"""Which country a cell names, for telephone numbers that are written as they are dialled at home. Pure."""

import phonenumbers

from agent_server.lead_import.columns import plain

_COUNTRIES = {
    "AT": "Austria, Österreich, Autriche, A",
    "AU": "Australia, Australien, Australie",
    "BE": "Belgium, België, Belgique, Belgien, B",
    "BG": "Bulgaria, България, Bulgarien, Bulgarie",
    "BR": "Brazil, Brasil, Brasilien, Brésil",
    "CA": "Canada, Kanada, CAN",
    "CH": "Switzerland, Schweiz, Suisse, Svizzera",
    "CZ": "Czechia, Czech Republic, Česko, Česká republika, Tschechien",
    "DE": "Germany, Deutschland, Allemagne, Alemania, Germania, Niemcy, Německo, D, GER, DEU",
    "DK": "Denmark, Danmark, Dänemark, Danemark",
    "ES": "Spain, España, Spanien, Espagne, E",
    "FI": "Finland, Suomi, Finnland, Finlande",
    "FR": "France, Frankreich, Francia, F, FRA",
    "GB": "United Kingdom, UK, Great Britain, England, Scotland, Wales, Vereinigtes Königreich, Großbritannien,"
    " Royaume-Uni, GBR",
    "GR": "Greece, Ελλάδα, Griechenland, Grèce",
    "HR": "Croatia, Hrvatska, Kroatien, Croatie",
    "HU": "Hungary, Magyarország, Ungarn, Hongrie",
    "IE": "Ireland, Irland, Irlande",
    "IN": "India, Indien, Inde",
    "IT": "Italy, Italia, Italien, Italie, I",
    "LU": "Luxembourg, Luxemburg",
    "MX": "Mexico, México, Mexiko, Mexique",
    "NL": "Netherlands, The Netherlands, Nederland, Niederlande, Pays-Bas, Holland",
    "NO": "Norway, Norge, Norwegen, Norvège",
    "NZ": "New Zealand, Neuseeland",
    "PL": "Poland, Polska, Polen, Pologne",
    "PT": "Portugal",
    "RO": "Romania, România, Rumänien, Roumanie",
    "RU": "Russia, Россия, Russland, Russie, Russian Federation",
    "SE": "Sweden, Sverige, Schweden, Suède",
    "SI": "Slovenia, Slovenija, Slowenien",
    "SK": "Slovakia, Slovensko, Slowakei",
    "TR": "Turkey, Türkiye, Türkei, Turquie",
    "UA": "Ukraine, Україна",
    "US": "United States, United States of America, USA, U.S., Vereinigte Staaten, États-Unis, Estados Unidos",
}
_COUNTRY_OF = {plain(name): code for code, names in _COUNTRIES.items() for name in (code, *names.split(","))}


def country_of(cell: str) -> str | None:
    """Its ISO 3166 code; None where it names none that is known."""
    return _COUNTRY_OF.get(plain(cell))


def called_from_abroad(number: str, country: str) -> str | None:
    """In E.164; None for what is no number there, or has an extension, which E.164 has no place for."""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    if parsed.extension or not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
