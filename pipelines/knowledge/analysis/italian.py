"""Italian."""

from typing import Final

from pipelines.knowledge.analysis.stemmed import Lexicon

ITALIAN: Final = Lexicon(
    language="it",
    stemmer="italian",
    everyday="""
    il lo la i gli le un uno una di a da in con su per tra fra del dello della dei degli delle al allo alla ai agli
    alle dal dallo dalla dai dagli dalle nel nello nella nei negli nelle sul sullo sulla sui sugli sulle io tu lui
    lei noi voi loro mi ti si ci vi ne mio mia miei mie tuo tua tuoi suo sua suoi sue nostro nostra nostri nostre
    vostro vostra vostri vostre questo questa questi queste quello quella quelli quelle e o ma se che chi cosa come
    quando quanto quanta quanti quante dove perché quale quali è sono sei siamo siete essere era erano sia ho hai ha
    abbiamo avete hanno avere aveva fa fate fare faccio può possono posso possiamo potete potere potrebbe deve devo
    devono dovere voglio vuole vogliono vorrei va vanno vado andare viene venire più meno molto molta molti molte
    poco troppo tutto tutta tutti tutte altro altra altri altre stesso stessa ogni qualche qualcosa niente nulla
    nessuno già ancora sempre mai anche non no sì qui lì allora poi così bene grazie buongiorno salve ciao favore
    dire dica dice sapere so sa domanda domande cose bisogno esiste esistono offrite offre funziona funzionano usare
    usa usate utilizzare lavora lavorate lavorare solo proprio esattamente davvero circa mese mesi anno anni annuale
    mensile momento qualsiasi trovano trova domani
    """,
    asks_price=r"\bquanto (?:viene|fa|verrebbe)\b|\bquant['\u2019 ]e\b|^quanto\W*$",
    synonyms="""
    prezzo prezzi tariffa tariffe costo costi costa costano costare caro cara economico pagare pago pagamento euro soldi
    piano piani pacchetto pacchetti abbonamento abbonamenti
    sconto sconti riduzione promozione offerta
    fattura fatture fatturazione bonifico carta
    contratto contratti vincolo durata disdire disdetta recesso cancellare cancellazione
    prova prove provare gratis gratuito gratuita demo
    conservare conservati conservano archiviati salvati memorizzati server ospitati
    gdpr privacy riservatezza conforme conformi conformità
    sicuro sicura sicurezza cifrati crittografia crittografati certificazione certificato iso
    integrazione integrazioni integrare integra collegare collegamento api compatibile sincronizzare
    aiuto aiutare aiuta assistenza supporto
    installazione installare configurare configurazione iniziare partire avvio attivazione onboarding
    lingua lingue italiano inglese francese tedesco spagnolo parla parlare
    utente utenti licenza licenze postazioni
    chiamata chiamate chiamare chiama telefono telefonata telefonate
    umano umana persona persone operatore consulente collega
    robot bot macchina ia artificiale computer
    registrazione registrazioni registrare registrate registrata
    differenza diverso diversa concorrenza concorrenti confronto meglio
    azienda società ufficio sede fondata
    appuntamento appuntamenti riunione incontro
    """,
)
