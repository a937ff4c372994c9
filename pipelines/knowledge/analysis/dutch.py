"""Dutch."""

from typing import Final

from pipelines.knowledge.analysis.stemmed import Lexicon

DUTCH: Final = Lexicon(
    language="nl",
    stemmer="dutch",
    compounds=True,
    everyday="""
    de het een ik jij je u hij zij ze wij we jullie hen hun mij me jou hem haar mijn jouw uw zijn ons onze dit dat
    deze die en of maar want dus als dan toen omdat in op aan met van voor door bij naar uit over om tot te ten ter
    tegen tussen onder zonder per is ben bent was waren wordt worden werd geweest heb hebt heeft hebben had hadden
    kan kun kunt kunnen kon zou zouden zal zullen moet moeten mag mogen wil wilt willen doe doet doen gaat ga gaan
    komt komen er hier daar waar wat wie welke welk hoe hoeveel wanneer waarom waarmee waarvoor niet geen niets
    niemand iets iemand alle alles al ook nog wel meer minder veel weinig erg heel zeer zo nu toch even eens graag
    alstublieft bedankt dank hallo goedemorgen dag ja nee ander andere elk elke zelf weer altijd nooit vaak zeggen
    zeg weten weet vraag vragen nodig bestaat bestaan biedt bieden werkt werken gebruik gebruiken gebruikt krijg
    krijgen geeft geven precies eigenlijk ongeveer staat staan ligt liggen maand maanden jaar jaren jaarlijks
    maandelijks moment morgen
    """,
    asks_price=r"\bhoeveel is (?:het|dat)\b|^hoeveel\W*$",
    synonyms="""
    prijs prijzen tarief tarieven kosten kost duur goedkoop betalen betaal betaalt betaling euro geld
    pakket pakketten abonnement abonnementen plan
    korting kortingen aanbieding actie
    factuur facturen facturering overschrijving incasso creditcard
    contract contracten looptijd opzeggen opzegging opzegbaar opzegtermijn verbintenis vastzitten vast
    proef proefperiode proberen uitproberen testen test gratis demo
    opslaan opgeslagen opslag bewaren bewaard servers server gehost
    avg gdpr privacy verwerkersovereenkomst conform
    veilig veiligheid beveiliging beveiligd versleuteld versleuteling certificering gecertificeerd iso
    koppeling koppelingen koppelen integratie integraties integreren verbinden api compatibel synchroniseren
    hulp helpen helpt ondersteuning support klantenservice
    installatie installeren instellen inrichten starten beginnen onboarding
    taal talen nederlands engels duits frans spreekt spreken
    gebruiker gebruikers licentie licenties plekken medewerkers
    oproep oproepen bellen belt gesprek gesprekken telefoon
    mens persoon collega medewerker adviseur
    robot bot machine ai kunstmatige computer
    opname opnames opnemen opgenomen
    verschil anders concurrentie concurrenten vergelijking beter
    bedrijf kantoor vestiging opgericht
    afspraak afspraken vergadering
    """,
)
