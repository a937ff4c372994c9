"""French."""

from typing import Final

from pipelines.knowledge.analysis.stemmed import Lexicon

FRENCH: Final = Lexicon(
    language="fr",
    stemmer="french",
    everyday="""
    le la les un une des du de au aux ce cet cette ces ça cela ceci celui celle ceux je tu il elle on nous vous ils
    elles me te se moi toi lui leur leurs eux mon ma mes ton ta tes son sa ses notre nos votre vos et ou où mais
    donc or ni car si que qui quoi dont quel quelle quels quelles lequel laquelle comment combien pourquoi quand est
    sont suis es êtes sommes être était étaient sera seront serait soit ai as avons avez ont avoir avait aura aurait
    eu fait faites faire font fais peut peux pouvez pouvons peuvent pourrait pourrais pourriez pouvoir doit dois
    devez faut veux veut voulez voudrais voudrait vouloir va vais allez aller vont vient venir dans en par pour avec
    sans sur sous chez vers entre depuis pendant avant après contre comme ne pas plus moins très trop peu beaucoup
    bien aussi encore déjà toujours jamais tout tous toute toutes autre autres même chaque quelque quelques rien
    personne aucun aucune y ici là alors puis ainsi oui non merci bonjour bonsoir svp plaît dire dites dis savoir
    sais sait question questions besoin chose choses existe existent proposez propose proposer offrez fonctionne
    fonctionnent marche marchent utiliser utilise utilisez travaille travaillez travailler voici voilà juste
    vraiment exactement environ mois an ans année années annuel mensuel moment importe trouve trouvent demain
    """,
    asks_price=r"\bc['\u2019 ]?est combien\b|\bcombien (?:ca|cela) (?:fait|vaut|revient)\b|^combien\W*$",
    synonyms="""
    prix tarif tarifs coût coûts coûte coûtent coûter cher chère facturez payer paie payez paiement euro euros argent
    formule formules forfait forfaits abonnement abonnements offre offres
    remise remises réduction réductions rabais promotion
    facture factures facturation virement prélèvement carte
    contrat contrats engagement durée résilier résiliation résiliable annuler annulation préavis engagé
    essai essayer essaie tester test gratuit gratuite gratuitement démo
    stocker stockées stockés stockage hébergement hébergées hébergés hébergé serveur serveurs conservées
    rgpd gdpr confidentialité conformité conforme conformes
    sécurité sécurisé sécurisée sûr chiffrement chiffré chiffrées certification certifié iso
    intégration intégrations intégrer intègre connecter connexion connecteur api compatible synchroniser
    aide aider assistance support dépannage sav
    installation installer installe démarrer démarrage commencer configurer configuration onboarding
    langue langues français anglais espagnol allemand italien parle parler
    utilisateur utilisateurs licence licences poste postes siège
    appel appels appeler appelle téléphone téléphonique téléphoner
    humain humaine conseiller conseillère collègue commercial
    robot bot machine ia artificielle ordinateur
    enregistrement enregistrements enregistrer enregistré enregistrés
    différence différent différente concurrence concurrents comparer comparaison mieux
    entreprise société bureau bureaux fondée
    rendez réunion rencontre
    """,
)
