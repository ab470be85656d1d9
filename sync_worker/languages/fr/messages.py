"""Ce qui se décide et se choisit par message, en français : les mots qui comptent, et ce que nous écrivons."""

from __future__ import annotations

from sync_worker.languages.language import NBSP
from sync_worker.languages.sentences import LetterSentences
from sync_worker.languages.words import ChoiceWords, DecisionWords

DECISIONS = DecisionWords(
    yes=("oui", "approuver"),
    no=("non", "refuser"),
    later=("plus tard",),
    done=("fait",),
    solved=("resolu", "c'est resolu", "regle", "c'est regle", "debloque", "c'est debloque"),
    everything=("tout", "tous", "toutes"),
    and_words=("et", "&"),
    polite=("merci", "merci beaucoup", "s'il vous plait", "svp"),
    signatures=("envoye de mon", "envoye depuis", "telecharger outlook", "obtenir outlook", "bien cordialement"),
    wrote=("a ecrit",),
)
CHOICES = ChoiceWords(
    no_nudges=("pas de relance", "pas de relances", "plus de relances", "plus de relance"),
    no_quotes=("ne me citez pas", "ne me citez plus", "merci de ne pas me citer", "pas de citation"),
    quotes=("vous pouvez me citer", "citez-moi", "vous pouvez de nouveau me citer"),
    no_pairs=("pas de binome", "pas de binomes", "plus de binome", "plus de binomes"),
    stop=("stop", "arretez", "arreter"),
    start_again=("reprendre", "reprenez", "recommencer", "recommencez"),
    not_now=("plus tard", "pas maintenant"),
)
LETTERS = LetterSentences(
    title=f"{{cohort}}{NBSP}: votre décision sur {{numbers}}",
    opening=(
        "Voici ce que j’ai écrit. Rien ne part sans votre oui. Une ligne de réponse suffit"
        f"{NBSP}:\n\n> {{example}}\n\n"
        f"«{NBSP}oui tout, merci{NBSP}» envoie tout ce que contient ce message. "
        "Après deux points, vous pouvez donner un motif, sur la même ligne."
    ),
    example=f"oui {{yes}}, non {{no}}{NBSP}: c’est trop tôt",
    example_one="oui {yes}, merci",
    example_task=f"Quelqu’un m’a écrit et attend une réponse de votre part. Répondez «{NBSP}fait {{number}}, "
    f"merci{NBSP}» une fois la chose réglée, ou «{NBSP}plus tard {{number}}{NBSP}» pour la semaine prochaine.",
    draft="**{number}.** {what} pour {to}, du {when}. {why}",
    draft_all="**{number}.** {what} pour tout le monde, du {when}. {why}",
    task=f"**{{number}}.** {{who}} m’a écrit le {{when}}, et je n’ai pas répondu{NBSP}:",
    kinds={"message": "Message", "topic": "Sujet", "reply": "Réponse", "mail": "E-mail"},
    cut=f"… Le texte entier{NBSP}: `lcm drafts show {{key}}`",
    more="Il y en a d’autres. Ce que je ne vous ai pas encore montré suit dans une heure environ.",
    outcomes={
        "sent": f"Envoyé, comme vous l’avez décidé{NBSP}: {{numbers}}.",
        "rejected": f"Pas envoyé, comme vous l’avez décidé{NBSP}: {{numbers}}.",
        "waits": f"Va partir{NBSP}: {{numbers}}. {{why}}",
        "not_sent": f"Je n’ai pas envoyé ceci{NBSP}: {{numbers}}. {{why}}",
        "failed": f"J’ai essayé d’envoyer ceci, sans succès{NBSP}: {{numbers}}. {{why}}",
        "changed": f"Le texte a changé depuis que je vous l’ai montré{NBSP}: {{numbers}}. Vous le recevrez de nouveau, "
        "sous un autre numéro.",
        "approved_before": f"Déjà approuvé par {{name}}{NBSP}: {{numbers}}.",
        "rejected_before": f"Déjà refusé par {{name}}{NBSP}: {{numbers}}.",
        "withdrawn": f"Plus nécessaire{NBSP}: {{numbers}}. {{why}}",
        "done": f"Clos, comme vous le dites{NBSP}: {{numbers}}.",
        "kept": f"Retenu comme pratique{NBSP}: {{numbers}}.",
        "not_kept": f"Non retenu{NBSP}: {{numbers}}.",
        "done_before": f"Déjà clos par {{name}}{NBSP}: {{numbers}}.",
        "later": f"J’y reviens le {{day}}{NBSP}: {{numbers}}.",
        "newer": f"Arrivé quelques minutes avant votre réponse, peut-être pas encore lu, donc laissé en attente{NBSP}: "
        "{numbers}.",
        "nothing": f"Rien n’est décidé{NBSP}: plus rien de cette sorte n’attend dans cette conversation.",
        "open": f"En attente{NBSP}: {{numbers}}.",
    },
    unclear="Je n’ai pas pu lire cette réponse avec certitude, donc rien n’est décidé. Écrivez-en une nouvelle, par "
    f"exemple{NBSP}:\n\n> {{example}}",
    read=f"Ce que j’ai pu lire{NBSP}: {{read}}.",
    no_such=f"Je ne vous ai rien montré sous ce numéro ici{NBSP}: {{numbers}}.",
    not_for=f"«{NBSP}Oui{NBSP}» et «{NBSP}non{NBSP}» valent pour les textes, «{NBSP}fait{NBSP}» et "
    f"«{NBSP}plus tard{NBSP}» pour les personnes qui ont écrit. Il faut donc les autres mots pour {{numbers}}.",
    changed="Vous avez modifié votre réponse après que j’en ai tenu compte. Je m’en tiens à ses premiers mots"
    f"{NBSP}: {{read}}. Pour autre chose, écrivez une nouvelle réponse.",
    solved=f"C’est noté comme réglé{NBSP}: {{topics}}. Personne d’autre n’en sera informé. Pour le rouvrir, passez par "
    "votre bureau ou par `lcm blockers reopen`.",
    solved_which=f"Je ne vois pas de quelle ligne il s’agit. Répondez par exemple «{NBSP}réglé 2, merci{NBSP}», avec "
    f"le numéro de la ligne ci-dessus{NBSP}; «{NBSP}réglé tout, merci{NBSP}» vaut pour toutes les lignes.",
    someone_reads="Le bureau n’est plus mis à jour, parce qu’il peut être lu hors de l’équipe qui anime cette cohorte"
    f"{NBSP}: {{names}}. Dès que seule l’équipe est dans cette conversation, je reprends.",
    chosen={
        "no_nudges": f"Je ne vous écrirai plus personnellement{NBSP}: ni après un silence, ni avant une échéance, ni à "
        f"propos d’un de vos projets. «{NBSP}Reprendre, merci{NBSP}» annule ce choix.",
        "no_quotes": "Je ne vous citerai ni ne vous nommerai dans les synthèses, les récits et la bibliothèque. Ce que "
        "j’ai déjà publié de vous, je le retire maintenant. "
        f"«{NBSP}Vous pouvez me citer{NBSP}» annule ce choix pour la suite.",
        "no_pairs": "Je ne vous mettrai plus en relation avec personne. "
        f"«{NBSP}Reprendre, merci{NBSP}» annule ce choix.",
        "stop": f"À partir de maintenant, je vous laisse en paix{NBSP}: ni messages personnels, ni binômes, ni "
        "citations. Ce que j’ai déjà publié de vous, je le retire. "
        f"«{NBSP}Reprendre, merci{NBSP}» annule les deux premiers choix, «{NBSP}Vous pouvez me citer{NBSP}» "
        "le troisième.",
        "quotes": "Je peux citer ce que vous écrivez sur le forum, et vous nommer. "
        f"«{NBSP}Ne me citez pas{NBSP}» y met fin.",
        "start_again": "Je vous écris de nouveau personnellement, et je vous mets en relation avec d’autres. "
        f"«{NBSP}Stop, merci{NBSP}» y met fin. Ce que vous avez dit des citations reste valable.",
    },
    desk={
        "title": f"{{cohort}}{NBSP}: votre bureau",
        "intro": "Ce que je sais de la cohorte, pour les personnes qui l’animent. Je le tiens à jour ici, "
        "sans notification.",
        "as_of": "État du {day}, {clock}.",
        "week": "Cette semaine",
        "week_posts": "{posts} de {people} depuis lundi.",
        "week_silent": "Personne n’a écrit depuis lundi.",
        "next": f"{{day}}, {{clock}}{NBSP}: {{what}}",
        "hand": "Qui a besoin d’un coup de main",
        "hand_nobody": "Personne en particulier.",
        "waiting": "Attend votre décision",
        "waiting_none": "Rien.",
        "waiting_how": f"Répondez ici{NBSP}: {{example}}",
        "waiting_draft": f"**{{number}}.** {{what}} pour {{to}}{NBSP}: {{why}}",
        "waiting_draft_all": f"**{{number}}.** {{what}} pour tout le monde{NBSP}: {{why}}",
        "waiting_task": f"**{{number}}.** {{who}}{NBSP}: {{why}}",
        "wrote": "m’a écrit le {day}, et je n’ai pas répondu. {words}",
        "over_to_you": "deux messages, aucune réaction ([ce que j’ai tenté]({link}))",
        "open": "Questions ouvertes",
        "owned": f"{NBSP}; suivi{NBSP}: {{name}}",
        "open_none": "Aucune question n’attend depuis deux jours.",
        "since": "depuis le {day}",
        "stories": "Récits qui attendent un oui",
        "asked": "question posée le {day}",
        "pairs": "Binômes",
        "last_roundup": "La dernière synthèse",
        "handed": "Je vous ai passé le relais",
        "handed_line": "{name}, le {day}",
        "managers": "Messages à l’encadrement",
        "managers_line": f"{{manager}}, au sujet de {{learners}}, {{day}}{NBSP}: {{state}}",
        "mail_done": "envoyé",
        "mail_intended": "pas encore envoyé",
        "mail_skipped": "non envoyé",
        "mail_failed": "non remis",
        "answered": f"{NBSP}; réponse{NBSP}: «{NBSP}{{answer}}{NBSP}»",
        "answer_yes": "oui",
        "answer_not_yet": "pas encore",
        "answer_talk": "parlons-en",
        "sent": "Messages individuels des quatre dernières semaines",
        "sent_line": f"{{name}}, {{day}}{NBSP}: {{title}}",
        "effect": "Les messages aux personnes silencieuses ont-ils un effet ?",
        "network": "Qui répond à qui",
        "weeks": "Semaine par semaine",
        "weeks_columns": "Semaine | Messages | Personnes qui ont écrit",
        "few": "moins de cinq",
        "figure_title": "Messages par semaine",
        "few_people": "moins de cinq personnes ont écrit",
        "figure": f"Messages par semaine{NBSP}: {{values}}",
    },
)
