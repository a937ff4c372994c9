"""German."""

from typing import Final

from pipelines.knowledge.analysis.stemmed import Lexicon

GERMAN: Final = Lexicon(
    language="de",
    stemmer="german",
    compounds=True,
    everyday="""
    der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner ich du er sie es wir
    ihr mich mir dich dir ihn ihm uns euch ihnen mein meine meinen meinem meiner dein deine sein seine ihre ihren
    ihrem ihrer unser unsere unseren unserem unserer euer eure und oder aber auch als an am auf aus bei beim bis da
    dabei damit dann daran dass denn deren dies diese diesem diesen dieser dieses doch dort durch eigentlich einfach
    einmal etwa etwas für gegen gern gerne genau ganz gar hier hin hinter im in ins ja jede jeden jeder jedes
    jederzeit jetzt jemand mal man mehr mit mittlerweile muss müssen musst nach nein nicht nichts noch nun nur ob
    ohne oft schon sehr seit selbst sich so sofort sogar sollte sollten soll sollen sonst über überhaupt um unter
    viel viele vom von vor wann war waren warum was wegen weil welche welchem welchen welcher welches wem wen wenn
    wer werde werden wird wie wieder wieso wo wofür woher wohin womit wozu wurde wurden zu zum zur zwischen bin bist
    ist sind seid hat habe haben hatte hatten hast kann kannst können könnt könnte könnten darf dürfen möchte
    möchten mag will wollen wollt würde würden wäre gibt gebt geben geht gehen macht machen mache tun tut bitte
    danke okay hallo guten tag alles alle allen andere anderen beides solche sagen sag sagt erzählen erzähl wissen
    weiß wüsste frage fragen lässt lassen bekomme bekommen funktioniert funktionieren läuft laufen brauche brauchen
    braucht nutzen nutze verwenden bieten bietet anbieten liegen liegt steht stehen kommt kommen wohl vielleicht
    bisschen wenig genug ungefähr circa pro je sowie sowohl weder entweder deshalb also monat monate monaten
    monatlich jahr jahre jahren morgen heute
    """,
    asks_price=r"\bwie ?viel (?:ist|macht|kommt|ware) das\b|\bwas (?:macht|kommt) das\b",
    synonyms="""
    preis preise preislich kosten kostet koste teuer günstig billig gebühr gebühren bezahlen zahlen zahlt geld euro
    tarif tarife paket pakete plan pläne
    rabatt rabatte nachlass ermäßigung vergünstigung sparen
    rechnung rechnungen abrechnung zahlungsweise zahlungsart überweisung lastschrift kreditkarte
    vertrag verträge laufzeit mindestlaufzeit gebunden binden bindung kündigen kündigung kündbar kündigungsfrist
    test testen teste testphase probieren ausprobieren probe gratis kostenlos kostenlose umsonst
    speichern gespeichert speichert gespeicherten lagern serverstandort rechenzentrum
    datenschutz dsgvo gdpr datenverarbeitung auftragsverarbeitung konform
    sicher sicherheit verschlüsselt verschlüsselung zertifiziert zertifikat iso
    schnittstelle schnittstellen integration integrationen integrieren anbinden anbindung verbinden verknüpfen api
    zusammenarbeiten zusammen kompatibel
    hilfe helfen hilft problem probleme problemen störung support kundendienst kundenservice betreuung ansprechpartner
    einrichten einrichtung einführung installation installieren starten start loslegen beginnen onboarding
    sprache sprachen deutsch englisch französisch spanisch italienisch spricht sprechen
    mitarbeiter nutzer benutzer anwender lizenz lizenzen plätze
    anruf anrufe anrufen anruft telefon telefonieren telefonat telefonate
    mensch person kollege kollegin mitarbeiterin berater beraterin
    roboter bot maschine ki künstliche computer
    aufnahme aufnahmen aufzeichnen aufgezeichnet aufzeichnung mitschneiden mitschnitt
    unterschied anders wettbewerb konkurrenz vergleich besser
    firma unternehmen büro sitz standort gegründet
    termin termine besprechung treffen
    """,
)
