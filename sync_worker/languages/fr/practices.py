"""What the practice library says in French."""

from __future__ import annotations

from sync_worker.languages.language import NBSP
from sync_worker.languages.sentences import PracticeSentences

PRACTICES = PracticeSentences(
    title=f"Ce qui a marché{NBSP}: {{subject}}",
    intro=(
        "Ce que des membres de nos cohortes ont découvert à ce sujet au travail, dans leurs propres mots. Pour chaque "
        "trouvaille, vous voyez où et quel jour elle a été écrite.\n\n"
        "Essayez-en une cette semaine, et répondez-y pour dire ce qui en est sorti. Si cela n’a pas marché, dites ce "
        "qui était différent chez vous.\n\n"
        f"Si l’une d’elles est de vous et que vous souhaitez la retirer, envoyez-moi le message «{NBSP}"
        f"{{no_quotes}}{NBSP}»."
    ),
    said=f"**{{name}}**, dans {{topic}} ({{cohort}}, {{day}}){NBSP}:",
    said_closed=f"**{{name}}**, dans {{topic}}, que seule la cohorte {{cohort}} peut ouvrir ({{day}}){NBSP}:",
    conversation="une conversation",
    also=f"Le même constat ailleurs{NBSP}:",
    also_more=f"{{name}} fait plus haut le même constat que{NBSP}:",
    also_line="- **{name}** ({cohort}, {day})",
    ask_title=f"{{cohort}}{NBSP}: d’autres cohortes peuvent-elles lire ce que vous avez découvert{NBSP}?",
    ask=(
        "Bonjour {name}, ce que vous avez écrit aiderait celles et ceux qui suivront la même formation après vous. "
        "Notre catégorie leur est fermée. J’aimerais donc garder vos mots dans notre bibliothèque de pratiques, et je "
        "ne le ferai pas sans votre accord.\n\n"
        f"Voici, mot pour mot, tout ce qui paraîtrait{NBSP}:\n\n{{shown}}\n\n"
        "Cela paraîtrait dans {place}. Les équipes d’accompagnement des cohortes suivantes pourront le montrer à leur "
        "groupe, avec votre nom.\n\n"
        f"Cela vous convient-il{NBSP}? Si oui, répondez **Oui, vous pouvez le montrer**. La réponse **Non, merci de ne "
        "pas le montrer** vaut tout autant, sans explication. Sans nouvelles de vous, votre message reste où il est."
        "\n\n"
        f"S’il faut d’abord changer quelque chose, dites-le ici{NBSP}: vous verrez le nouveau texte avant tout le "
        "monde. Et un accord se retire ici à tout moment. Vos mots disparaissent alors de la bibliothèque."
    ),
    place="la catégorie {category}",
    place_readers="la catégorie {category}, ouverte à {readers}",
    place_public="la catégorie {category}, que peut lire toute personne qui ouvre ce forum",
    signed="{hosts}\n\n*Envoyé par le compte de l’assistant. Je lis vos réponses ici même.*",
    ask_reason=(
        "Ce qu’a écrit {name} est retenu comme pratique. Une partie des personnes qui lisent la bibliothèque ne "
        f"peut pas ouvrir ce message{NBSP}: il faut d’abord l’accord de la personne qui l’a écrit. Sans un oui clair, "
        "rien ne paraît."
    ),
    told=(
        f"Merci. Vos mots sont maintenant dans la bibliothèque{NBSP}: {{address}}. Si vous souhaitez un jour qu’ils "
        "disparaissent, dites-le ici."
    ),
    offer=(
        f"Quand {{cohort}} a travaillé sur cette question, {{name}} a écrit{NBSP}:\n\n> {{words}}\n\n"
        f"Que faudrait-il changer pour que cela marche chez vous{NBSP}? {{more}}"
    ),
    more=f"D’autres trouvailles{NBSP}: {{subject}}",
    offer_reason=f"{{cohort}} a découvert quelque chose qui se rapporte à «{NBSP}{{title}}{NBSP}».",
    keep=(
        f"**{{number}}.** La synthèse a montré ce qu’a écrit {{post}}. Faut-il le garder pour les cohortes "
        f"suivantes{NBSP}? Répondez «{NBSP}{{example}}{NBSP}» pour le garder, ou la même chose avec «{NBSP}non{NBSP}» "
        "pour ne pas le garder."
    ),
)
