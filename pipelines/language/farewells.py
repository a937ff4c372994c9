"""How a talk is ended in the languages agents talk: without it a telephone call of theirs would stay open."""

from typing import Final

FAREWELLS: Final = "|".join(
    (
        r"auf wieder(?:hören|sehen)|tschüss|tschüs|bis (?:bald|dann|später|morgen|nächste woche)",
        r"schöne[ns] (?:\w+ )?(?:tag|abend|nachmittag|wochenende|woche)",  # German
        r"au revoir|à (?:bientôt|demain|plus tard)|bonne (?:fin de )?(?:journée|soirée|semaine|continuation)",
        r"bon(?:ne)? (?:après midi|week end)",  # French
        r"adiós|hasta (?:luego|pronto|mañana|entonces)|que tenga (?:\w+ ){1,2}(?:día|tarde|noche|semana)",
        r"que le vaya bien|buen día|buen fin de semana",  # Spanish
        r"arrivederci|arrivederla|a presto|a domani|buona (?:giornata|serata|continuazione)|buon fine settimana",
        r"tot (?:ziens|gauw|snel|dan|morgen|horens)|(?:fijne|prettige|goede) (?:dag|avond|middag|week|weekend)|doei",
        r"adeus|tchau|até (?:logo|breve|já|amanhã|mais|à próxima)|tenha (?:um|uma) (?:\w+ ){1,2}(?:dia|tarde|noite)",
        r"(?:um|uma) (?:bom|boa|ótimo|ótima) (?:dia|tarde|noite|semana)",  # Portuguese
        r"do (?:widzenia|usłyszenia)|miłego (?:dnia|wieczoru)",  # Polish
        r"na (?:shledanou|slyšenou)|hezký den|dovidenia|dopočutia|pekný deň",  # Czech, Slovak
        r"hej då|adjö|ha en (?:bra|trevlig|fin) (?:dag|kväll)|ha det (?:så )?bra",  # Swedish
        r"farvel|ha det|ha en (?:fin|god) (?:dag|kveld)|hav en god (?:dag|aften)|på genhør",  # Norwegian, Danish
        r"näkemiin|kuulemiin|hyvää (?:päivän|illan)jatkoa",  # Finnish
        r"viszont(?:látásra|hallásra)|szép napot",  # Hungarian
        r"la revedere|la reauzire|o zi (?:bună|frumoasă)|pe curând",  # Romanian
        r"hoşça ?kal\w*|görüşmek üzere|iyi (?:günler|akşamlar)",  # Turkish
        r"sampai (?:jumpa|nanti)|selamat tinggal|jumpa lagi",  # Indonesian, Malay
        r"tạm biệt|hẹn gặp lại",  # Vietnamese
        r"довиждане|дочуване|приятен ден|до свидания|всего доброго|до встречи|хорошего дня",  # Bulgarian, Russian
        r"до побачення|гарного дня",  # Ukrainian
        r"αντίο|στο επανιδείν|καλή σας (?:μέρα|συνέχεια)|καλό απόγευμα",  # Greek
        r"अलविदा|फिर मिलेंगे|आपका दिन शुभ हो",  # Hindi
        r"\w*(?:失礼いたします|失礼します|さようなら)",  # Japanese
        r"안녕히 (?:계세요|계십시오|가세요)|좋은 하루 (?:되세요|보내세요)",  # Korean
    )
)
"""As they are written; they are compared without accents."""
