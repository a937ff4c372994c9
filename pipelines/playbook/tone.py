"""Whether a text is in English."""

import re
import unicodedata
from typing import Final

_FOREIGN_WORDS: Final = frozenset(
    """
    hola gracias por favor como estas usted ustedes quiero necesito ayuda informacion espanol ingles hablo habla puede
    cuanto cuesta buenos buenas dias tardes senor tengo esta estoy porque muy pero hablar con para alguien tambien
    donde cuando quien bonjour merci je vous nous parle francais anglais pas est les une avec dans comment combien
    coute veux parler oui madame monsieur revoir voudrais ich sie wir nicht und ein eine ist sind kein keine deutsch
    sprechen spreche bitte danke guten morgen wie viel kostet haben moechte mochte verstehe auf fur heisse ciao
    buongiorno grazie prego parlo inglese italiano quanto costa vorrei sono che ola obrigado obrigada nao voce falo
    portugues quero preciso ajuda tudo custa bom dia goedemorgen spreek engels nederlands hoeveel
    """.split()
)
_ENGLISH_WORDS: Final = frozenset(
    """
    the a an and or but is are am was be to of in on for with it this that i you we they my your our do does did can
    could will would have has how what when where who why dont yes yeah no okay ok please thanks hello hi me us at from
    about just so if there here want need like call time name email
    """.split()
)
_WANTS_ANOTHER: Final = re.compile(
    r"^(?:(?:hi|hello|um|uh|sorry|no|in) )*(?:spanish|french|german|italian|portuguese|chinese|mandarin|polish|russian|arabic|hindi"
    r"|vietnamese|korean|japanese|dutch)(?: please)?$"
    r"|\b(?:do|can|could) (?:you|we) (?:please )?(?:speak|talk|do (?:this|it) in|continue in|switch to|go on in) "
    r"(?:in )?(?:spanish|french|german|italian|portuguese|chinese|mandarin|polish|russian|arabic|hindi|vietnamese|korean|japanese|dutch)"
    r"(?: please| instead)?$"
)
"""Said in English, by who would rather not."""
_NON_LATIN: Final = re.compile(r"[\u0370-\u1fff\u2e80-\ud7ff\uf900-\ufaff]")


def is_foreign(text: str, plain: str) -> bool:
    """Whether the text is in a language other than English, or asks for one. A foreign word among English ones does not
    make it so."""
    if _WANTS_ANOTHER.search(plain) is not None or len(_NON_LATIN.findall(text)) >= 2:
        return True
    folded = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    words = folded.split()
    foreign = sum(word in _FOREIGN_WORDS for word in words)
    english = sum(word in _ENGLISH_WORDS for word in words)
    return foreign > english and foreign * 3 >= len(words)
