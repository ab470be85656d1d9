"""The sentences that we write in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.languages.language import NBSP
from sync_worker.languages.sentences import (
    CommitmentSentences,
    DeskSentences,
    DueDateSentences,
    HeldSentences,
    MembershipSentences,
    PromptSentences,
    QuestionSentences,
    ReasonSentences,
    RehearsalSentences,
    RelaySentences,
    ReportSentences,
    RunSentences,
    SyncSentences,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


REASONS = ReasonSentences(
    found={
        True: "Une personne a écrit ce qui peut servir à d’autres",
        False: "{people} ont écrit ce qui peut servir à d’autres",
    },
    open={True: "une question reste ouverte", False: "{questions} restent ouvertes"},
    proposed={
        True: "Une formulation vient d’un modèle de langage et a été comparée aux messages.",
        False: "{count} formulations viennent d’un modèle de langage et ont été comparées aux messages.",
    },
    nothing_written="personne n’a rien écrit pendant cette période",
    nothing_usable="{posts}, sans phrase qui puisse servir à d’autres",
    tells="Le message raconte ce qui a été tenté et ce que cela a donné.",
    tells_a_figure="Le message raconte ce qui a été tenté et ce que cela a donné, chiffre à l’appui.",
    picked="Ce message a été choisi par l’équipe.",
    agreed="{name} a donné son accord.",
    no_story="Aucune réussite n’a encore l’accord de la personne qui l’a écrite.",
    none_told="Des accords ont été donnés, mais aucune de ces réussites ne peut être montrée pour l’instant.",
    lcms_know="{reason} L’équipe le sait déjà.",
    not_agreed=(
        "L’accord pour le texte actuel manque, ce message a déjà été montré, ou bien il ne peut pas devenir un récit."
    ),
    rewritten="Ce que montrait le texte approuvé a changé depuis\u00a0; il a donc été réécrit. {reason}",
    missed="C’était à faire au plus tard le {day} à {clock}.",
    overtaken="Une date plus récente de cette étape est arrivée entre-temps\u00a0; seule celle-ci est traitée.",
    held_back={
        "quiet": "À cette heure, on n’écrit à personne.",
        "day": "Cette personne a déjà reçu aujourd’hui autant de messages qu’elle peut en recevoir en un jour.",
        "week": "Cette personne a déjà reçu cette semaine autant de messages qu’elle peut en recevoir en une semaine.",
    },
    held_back_together={
        "quiet": "À cette heure, on n’écrit à personne.",
        "day": "L’une de ces personnes a déjà reçu aujourd’hui autant de messages qu’elle peut en recevoir en un jour.",
        "week": (
            "L’une de ces personnes a déjà reçu cette semaine autant de messages"
            " qu’elle peut en recevoir en une semaine."
        ),
    },
    waits_until="{why} Le message partira au plus tôt le {day} à {clock}.",
    too_late="{why} Le message ne pourrait partir que le {day} à {clock}, et arriverait trop tard.",
    unheard="Une personne concernée a peut-être écrit «\u00a0stop\u00a0» dans un message que le forum n’affiche pas "
    "pour le moment.",
    no_nudges="Cette personne ne souhaite pas recevoir ce genre de messages.",
    account_away="Le compte de cette personne n’existe plus, ou bien il est suspendu ou privé de parole.",
    template="Le parcours ouvre ce sujet à ce moment.",
    prompt="La question suivante de la série\u00a0; il en reste {left} après elle.",
    resource={
        True: "La liste prévoit cette ressource pour ce moment.",
        False: "La ressource suivante de la liste.",
    },
    no_resource="la liste «\u00a0{name}\u00a0» n’a rien pour ce jour qui n’ait déjà été publié",
    session="La séance a lieu le {when}.",
    session_now="la séance a lieu\u00a0; il n’y a rien à publier",
    session_over="la séance a commencé\u00a0; il est trop tard pour l’annoncer",
    session_announced="la séance a déjà été annoncée",
    session_gone="le sujet de la séance a été supprimé, déplacé ou fermé, ou n’existe pas encore\u00a0; "
    "rien n’est écrit",
    session_changed="le sujet de la séance n’indique pas «\u00a0{when}\u00a0»\u00a0; "
    "si elle a été déplacée, changez le jour de l’étape",
    attendance_unknown="on ne sait pas qui était là\u00a0: `lcm session attendance` lit une liste",
    all_attended="toutes les personnes dont la présence est renseignée étaient là",
    absent={True: "Une personne a manqué la séance.", False: "{people} ont manqué la séance."},
    one_absent="{name} n’était pas à la séance.",
    assignment="Le parcours donne ce travail à ce moment\u00a0; échéance\u00a0: {due}.",
    no_due_date="le modèle «\u00a0{template}\u00a0» n’indique pas l’échéance\u00a0: ajoutez-y sa valeur `due`",
    not_given="le travail n’a pas été donné à cette date",
    task_gone="le sujet du travail a été supprimé, déplacé ou fermé\u00a0; aucun message n’est envoyé",
    due_date_changed="le sujet du travail n’indique plus «\u00a0{due}\u00a0»\u00a0; aucun message n’est envoyé",
    all_answered="toutes les réponses attendues sont là",
    not_answered={
        True: "Une personne n’a pas répondu au travail à rendre pour le {due}.",
        False: "{people} n’ont pas répondu au travail à rendre pour le {due}.",
    },
    one_not_answered="{name} n’a pas encore répondu au travail à rendre pour le {due}.",
    nudged={True: "Un message est adressé à une personne.", False: "Un message est adressé à {people}."},
    nobody_silent="il n’y a personne à qui un message apporterait quelque chose de nouveau",
    silent={
        True: "{name} n’a toujours rien écrit, et n’a pas réagi au premier message. Celui-ci est le dernier.",
        False: "{name} n’écrit pas, alors que la plupart des autres le font.",
    },
    came_back="La personne a écrit entre-temps.",
    held_out={
        True: "Une personne tirée au sort n’a reçu aucun message.",
        False: "{people}, par tirage au sort, n’ont reçu aucun message.",
    },
    handed_over={
        True: "Une personne n’a pas réagi à deux messages.",
        False: "{people} n’ont pas réagi à deux messages.",
    },
    nobody_waits="rien de nouveau n’attend une première réponse",
    nothing_blocks="rien de nouveau ne bloque",
    blocked={True: "Un sujet signale un blocage.", False: "{topics} signalent un blocage."},
    escalates="D’autres personnes apprennent ce qui bloque encore.",
    escalated={True: "Un blocage n’est toujours pas levé.", False: "{topics} restent bloqués."},
    waits_for_reply={
        True: "Un sujet attend une première réponse.",
        False: "{topics} attendent une première réponse.",
    },
    nobody_to_hand_over="personne n’est resté silencieux après deux messages",
    nobody_to_pair="il ne reste personne de disponible qui n’ait pas déjà rencontré toutes les autres",
    paired={True: "Une rencontre est proposée.", False: "{groups} rencontres sont proposées."},
    met_everybody={
        True: "Une personne a déjà rencontré toutes celles qui restaient.",
        False: "{people} ont déjà rencontré toutes celles qui restaient.",
    },
    nobody_new="il n’y a pas de nouvelle arrivée, ou personne n’est disponible pour un accueil",
    introduced={True: "Une personne est présentée à une autre.", False: "{people} sont présentées à une autre."},
    together_again={
        True: "{names} se sont déjà répondu ici, sans rencontre proposée jusqu’à présent.",
        False: "{names} ne se sont pas encore répondu ici.",
    },
    told="message envoyé\u00a0: {days}",
    told_and_waits="message envoyé\u00a0: {days}\u00a0; un autre attend votre décision",
    not_told="aucun message envoyé",
    waits="un message attend votre décision",
    nobody_to_ask="sur les {days} derniers jours, aucune réussite dont l’auteur n’ait pas été sollicité récemment",
    asked_before="la question a déjà été posée à l’auteur\u00a0; sa réponse a sa place dans cette conversation",
    not_tellable=(
        "ce message ne peut pas devenir un récit\u00a0: il ne fait que poser une question, ne contient aucune phrase "
        "de la personne elle-même, ou date de plus d’un an"
    ),
    not_seen="@{name} a donné son accord, mais n’a pas vu le récit tel qu’il se lit aujourd’hui",
    no_topic_of="l’étape «\u00a0{step}\u00a0» n’a publié aucun sujet",
    pin="épinglé jusqu’au {day} à {clock}",
    unpin="ce sujet n’a plus besoin de rester en tête",
    pin_over="la période d’épinglage est passée",
    close={True: "Un sujet est fermé.", False: "{topics} sujets sont fermés."},
    close_later={
        True: "Un autre attend la prochaine date.",
        False: "{topics} autres attendent la prochaine date.",
    },
    nothing_to_close="aucun sujet n’est à fermer",
    archive=(
        "le parcours est terminé\u00a0; dès la prochaine synchronisation, la catégorie reste ouverte à la lecture, "
        "sans que les membres puissent y écrire"
    ),
    no_programme=(
        "la cohorte n’appartient à aucun programme (`programme:` dans lcm.yaml)\u00a0: personne avant elle, ni après"
    ),
    no_promise=(
        "le modèle «\u00a0{template}\u00a0» ne contient pas l’engagement mot pour mot\u00a0; "
        "la question n’est pas posée"
    ),
    ask_leavers="le parcours se termine bientôt, et la cohorte suivante reprendra là où il s’arrête",
    nobody_before="aucune cohorte précédente du programme n’a été sollicitée",
    nothing_handed_on="personne, dans {cohort}, n’a laissé quelque chose qui puisse être montré",
    hand_on={
        True: "Une personne de {cohort} a laissé quelque chose à cette cohorte.",
        False: "{people} de {cohort} ont laissé quelque chose à cette cohorte.",
    },
    compare={
        True: "Une seule cohorte a reçu cette question pour l’instant.",
        False: "{cohorts} cohortes ont reçu la même question.",
    },
    not_ended="le parcours ne se termine que le {day}\u00a0; rien n’est archivé avant",
    commitment="Tout le monde est invité à écrire son propre plan, avec un jour et un témoin.",
    no_plan_due="Aucun plan n’arrive à échéance.",
    plan_due="Le jour du plan écrit par {name} est passé\u00a0: {day}.",
    plan_later="Le moment est venu de demander à {name} ce que le plan a donné.",
    survey="Le parcours touche à sa fin\u00a0: quelques questions, un clic pour chacune.",
    no_polls="Le forum n’a pas de sondages, et des réponses écrites porteraient un nom\u00a0: rien n’est demandé.",
    no_votes="Le sujet avec les questions n’existe plus, ou n’a plus de sondages.",
    survey_results={True: "{people} a répondu.", False: "{people} ont répondu."},
    nobody_answered="Personne n’a encore répondu.",
)
HELD = HeldSentences(
    title="Une réussite de {cohort} n’a pas été publiée",
    body=(
        "J’allais publier une réussite tirée de [ce message]({address}), et je l’ai relu une dernière fois. "
        "{reason}\n\n"
        "La réussite n’est donc pas parue, et rien n’en a été montré. Vous n’avez rien à faire"
        f"{NBSP}: au prochain rendez-vous, j’en prendrai une autre, avec l’accord de la personne qui l’a écrite. "
        "Si ce message peut tout de même être montré, réglez d’abord ce point sur le forum."
    ),
    reasons={
        "NO_CONSENT": "L’accord de la personne qui l’a écrit ne vaut plus.",
        "UNQUOTED": "La personne qui l’a écrit a demandé à ne pas être citée.",
        "NAMED": "Une personne nommée dans ce texte a demandé à ne pas être citée.",
        "PASSAGE_GONE": "La personne qui l’a écrit a retiré des mots que le texte citait.",
        "HIDDEN": "Le message est maintenant masqué.",
        "PRIVATE": "Le sujet se trouve maintenant là où tout le groupe ne peut pas le lire.",
        "UNLISTED": "Le sujet a été retiré des listes.",
        "NOT_IN_GOOD_STANDING": "Le compte de la personne qui l’a écrit est suspendu, bloqué ou supprimé.",
        "ANONYMISED": "Le compte de la personne qui l’a écrit a été anonymisé.",
        "RENAMED": "La personne qui l’a écrit a changé de nom, et je n’ai pas pu réécrire le texte.",
        "RETITLED": "Le sujet a changé de titre, et je n’ai pas pu réécrire le texte.",
        "UNWILLING": "Une des personnes ne souhaite pas de rencontre avec d’autres.",
        "ANSWERED": "La réponse est arrivée entre-temps.",
        "LEFT": "La personne ne fait plus partie du groupe.",
        "NOT_SO": "Ce que le texte dit de la personne n’est plus vrai.",
    },
    otherwise="Le message n’est plus là.",
)
DUE_DATES = DueDateSentences(
    title=f"{{cohort}}{NBSP}: un travail, deux échéances",
    body=(
        "Le sujet {task} donne comme échéance **{said}**. Le parcours indique maintenant **{due}**.\n\n"
        "Tant que les deux diffèrent, je ne rappelle ce travail à personne, et vous ne recevez pas la liste des "
        f"retardataires. Je n’ai pas modifié le sujet{NBSP}: chacun s’organise d’après la date qu’il y a lue, et "
        "personne ne serait averti d’une correction de ma part.\n\n"
        "- Si la nouvelle date est la bonne, mettez **{due}** dans le sujet à la place de l’ancienne, exactement en "
        "ces mots (ou demandez-le à un modérateur), et annoncez-le dans une réponse. Mes rappels suivront alors la "
        "nouvelle date.\n"
        "- Si l’ancienne date est la bonne, demandez à la personne qui s’occupe du parcours de la rétablir."
    ),
    reason="le sujet du travail indique {said}, le parcours indique maintenant {due}",
)
DESK = DeskSentences(
    too_late="Le moment est passé.",
    post="{name}, dans «\u00a0{title}\u00a0»",
    plays={
        "topic": "Sujet",
        "prompt": "Question de la semaine",
        "resource": "À lire ou à voir",
        "assignment": "Travail à rendre",
        "commitment": "Plans datés",
        "survey": "Deux questions pour finir",
        "case_study": "L’étude de cas de réussite",
        "nudge": "Un mot aux personnes silencieuses",
        "brief_manager": "Un message aux responsables",
        "morning_note": "La note du matin",
        "hand_over": "Relais passé à l’équipe",
        "first_reply": "En attente d’une première réponse",
        "blockers": "Ce qui bloque",
        "pair": "Rencontres à deux",
        "introductions": "Présentations",
        "session": "Séance",
        "consent": "Demande d’accord",
        "story": "Récit",
        "roundup": "Synthèse",
        "relay": "Passage de témoin",
        "pin": "Sujet épinglé",
        "close": "Sujets fermés",
        "archive": "Archivage",
    },
    never_wrote="N’a encore rien écrit ici.",
    quiet="Dernier message il y a {weeks} semaines.",
    quiet_one_week="Dernier message il y a une semaine.",
    usual="Les autres écrivent environ {posts} messages en quatre semaines.",
    usual_one="Les autres écrivent environ un message en quatre semaines.",
    reads_along="Dernière visite le {day}\u00a0; lit peut-être sans écrire.",
    dropped="Ces deux dernières semaines\u00a0: {posts}\u00a0; auparavant, environ {usual} par semaine.",
    no_answers="A écrit {posts} en quatre semaines, tous restés sans réponse.",
    task_open=(
        "N’a pas encore répondu à «\u00a0{title}\u00a0», à rendre pour le {day}\u00a0; la plupart des autres "
        "l’ont fait."
    ),
    plan_unanswered="Un plan prévu pour le {day} reste sans suite connue\u00a0; la question du {since} attend "
    "une réponse. {words}",
    plan_not_yet="Un plan prévu pour le {day} reste sans suite\u00a0; le {since}, la réponse était "
    "«\u00a0pas encore\u00a0». {words}",
    unanswered="Personne n’a répondu.",
    tagged="Ce sujet porte l’étiquette « {tag} ».",
    opened_by="Blocage signalé par {name}.",
    escalated="Signalé au-delà de l’équipe le {day}.",
    answered_once="Une personne a répondu\u00a0; la question reste ouverte.",
    shown_in_roundup="Paru dans une synthèse.",
    rejected="Refusé par {name}\u00a0: {reason}",
    journal={
        "FOUND": "Il se trouvait déjà sur le forum.",
        "REMOVED": "Quelqu’un l’a retiré\u00a0; il n’est pas publié de nouveau.",
        "NO_RECIPIENT": "Le groupe destinataire n’existe plus, ou n’est plus le nôtre. Rien n’a été envoyé.",
        "NO_TOPIC": "Le sujet auquel répondre n’existe plus.",
        "NOT_TOGETHER": "Un des comptes n’existe plus, est suspendu ou est privé de parole. Rien n’a été envoyé.",
        "NOT_PINNED": "Il n’y a pas de sujet à épingler.",
        "PIN_OVER": "La période d’épinglage est passée.",
        "GONE": "Il avait déjà disparu.",
        "NOT_OURS": "Ce sujet n’est plus le nôtre. Rien n’a été supprimé.",
        "TOPIC_GONE": "Le sujet a été supprimé. Rien n’a été fait.",
        "TOPIC_MOVED": "Le sujet a changé de catégorie. Il reste comme il est.",
        "NOT_THE_TOPIC": "Ce sujet n’est plus le nôtre. Il reste comme il est.",
        "TOPIC_CLOSED": "Quelqu’un a fermé le sujet. Il reste comme il est.",
        "PINNED_BY_OTHERS": "Quelqu’un a épinglé le sujet jusqu’à une autre date. Il le reste.",
        "NOT_PINNED_NOW": "Le sujet n’est plus épinglé.",
        "IN_USE": "Quelqu’un a écrit dans le sujet entre-temps. Il reste ouvert.",
    },
)
RUNS = RunSentences(
    paused_until="En pause jusqu’au {day} à {clock}.",
    paused="En pause, jusqu’à la reprise.",
    resumed="Le parcours reprend.",
    later="La suite du parcours a lieu {days} plus tard que prévu.",
    earlier="La suite du parcours a lieu {days} plus tôt que prévu.",
    as_planned="La suite du parcours a lieu aux dates prévues.",
    nothing_due="Rien n’était à faire.",
    carried_out_none="Rien n’a été publié ni envoyé.",
    carried_out_one="Un texte a été publié ou envoyé.",
    carried_out="{number} textes ont été publiés ou envoyés.",
    waiting_one="Un texte attend une décision de l’équipe.",
    waiting="{number} textes attendent une décision de l’équipe.",
    calls="Appels au forum\u00a0: {calls}.",
    done_before="C’est déjà fait.",
    given_up="La tâche a été commencée plusieurs fois, et le programme s’est arrêté chaque fois avant la fin. "
    "Redemandez-la.",
    busy="Un autre programme s’occupe de ce forum. Redemandez dans une minute.",
    unknown_cohort="Ce programme ne connaît pas de cohorte «\u00a0{name}\u00a0».",
    no_playbook="La cohorte «\u00a0{name}\u00a0» n’a pas de parcours.",
    unknown_step="Le parcours «\u00a0{playbook}\u00a0» n’a pas d’étape «\u00a0{step}\u00a0».",
    nothing_to_come="Rien de tel n’est encore à venir.",
    nothing_to_approve=(
        "L’étape «\u00a0{step}\u00a0» n’a pas de texte qui pourrait attendre votre décision\u00a0: un flux de travail"
        " ne peut donc pas la lancer."
    ),
    stands_still="Le parcours est en pause\u00a0: les flux de travail n’y lancent rien.",
    technical="Détail technique, en anglais\u00a0: {problem}",
    preview="{step}, {day} à {clock}\u00a0: {reason}",
    outcomes={
        "done": "fait",
        "waiting": "attend une décision de l’équipe",
        "nothing": "rien à publier",
        "not now": "pas maintenant",
        "skipped": "laissé de côté",
        "failed": "échec",
        "later": "nouvelle tentative prévue",
    },
    done={
        "topic": "Sujet publié",
        "reply": "Réponse publiée",
        "message": "Message envoyé",
        "mail": "E-mail envoyé",
        "pin": "Sujet épinglé",
        "unpin": "Sujet désépinglé",
        "close": "Sujet fermé",
        "archive": "Cohorte archivée",
        "unpublish": "Sujet retiré",
        "translation": "Autre langue ajoutée",
        "revision": "Passage retiré d’une publication",
    },
    not_done={
        "skipped": "{action}\u00a0: laissé de côté",
        "failed": "{action}\u00a0: échec",
        "intended": "{action}\u00a0: nouvelle tentative prévue",
    },
    actions={
        "topic": "Sujet",
        "reply": "Réponse",
        "message": "Message",
        "mail": "E-mail",
        "pin": "Épinglage",
        "unpin": "Fin de l’épinglage",
        "close": "Fermeture",
        "archive": "Archivage",
        "unpublish": "Retrait",
        "translation": "Ajout de l’autre langue",
        "revision": "Retrait d’un passage déjà publié",
    },
)
QUESTIONS = QuestionSentences(
    title="Une question pour vous, à propos de {cohort}",
    asks="Un flux de travail de ce forum, «\u00a0{workflow}\u00a0», vous pose une question\u00a0:",
    about_learner="Elle concerne {learner}.",
    about_topic="Elle concerne [ce sujet]({address}).",
    close=(
        "Elle est posée au nom de {by}. Si vous répondez ici, vos collègues vous liront\u00a0; le flux de travail, lui,"
        " ne lit pas les réponses."
    ),
    reason="Le flux de travail «\u00a0{workflow}\u00a0» consulte l’équipe.",
)
REPORT = ReportSentences(
    words={
        "report": "Bilan",
        "as_of": "Au",
        "numbers": "En chiffres",
        "posts": "messages",
        "people": "personnes ont écrit",
        "people_who_wrote": "Personnes qui ont écrit",
        "members": "sur {members} membres",
        "cohort": "Cohorte",
        "open_count": "Questions ouvertes",
        "few": "moins de cinq",
        "people_chart": "Personnes qui ont écrit, par semaine",
        "too_few": "<\u00a05",
        "best_first": "Celles auxquelles le plus de personnes ont répondu viennent en premier.",
        "prompt_data": "Les questions en CSV",
        "together": "Toutes les cohortes",
        "sum": "Ensemble",
        "protected": "Chaque personne compte une fois. En dessous de cinq personnes, aucun nombre n’est affiché.",
        "by_week": "Semaine après semaine",
        "week": "Semaine",
        "dates": "Dates",
        "prompts": "Les questions de la semaine et leurs réponses",
        "prompt": "Question",
        "posted": "Publiée",
        "answers": "Réponses",
        "stories": "Réussites",
        "roundups": "Synthèses de la semaine",
        "open": "Questions qui attendent une réponse",
        "open_for": "posée il y a {days} jours",
        "open_day": "posée hier",
        "open_today": "posée aujourd’hui",
        "nothing": "Rien pour l’instant.",
        "data": "Les chiffres en CSV",
        "all": "Toutes les cohortes",
        "chart": "Messages par semaine",
        "decimal_sign": ",",
        "effect": "Écrire à ceux qui se taisent, est-ce utile ?",
        "effect_few": "Trop peu de personnes pour conclure (n={n}) : il en faut au moins {fewest} de chaque côté.",
        "effect_hidden": "Trop peu de personnes pour conclure : il en faut au moins {fewest} de chaque côté.",
        "effect_none": "Aucun effet visible.",
        "effect_more": "Avec un message, davantage de personnes sont revenues.",
        "effect_fewer": "Avec un message, moins de personnes sont revenues.",
        "effect_numbers": "En {days} jours, {nudged} sont revenues parmi celles qui ont reçu un message, et {held_out}"
        " parmi celles que le tirage au sort avait mises à part : un écart de {difference} points, intervalle à"
        " 95 % de {low} à {high}.",
        "effect_what": "Un tirage au sort a mis à part certaines des personnes silencieuses ; les autres ont reçu"
        " un message.",
        "network": "Qui répond à qui",
        "network_few": "Moins de cinq personnes se sont répondu jusqu’ici.",
        "network_ties": "Paires qui se sont répondu",
        "network_density": "Part de toutes les réponses possibles d’une personne à une autre (densité)",
        "network_reciprocity": "Part de celles-ci qui ont été rendues (réciprocité)",
        "network_isolates": "Personnes qui ne sont encore en lien avec aucune autre",
        "network_bridges": "Paires qui relient à elles seules deux groupes",
        "network_week": "Semaine du",
        "network_week_ties": "Paires de la semaine",
        "network_so_far": "{what} à ce jour",
        "density": "Densité",
        "reciprocity": "Réciprocité",
        "hidden": "non affiché",
        "nudges_data": "Les messages aux personnes silencieuses en CSV",
        "network_data": "Qui répond à qui, semaine par semaine, en CSV",
    }
)
MEMBERSHIP = MembershipSentences(
    invitation=(
        f"Une place vous attend dans «{NBSP}$cohort{NBSP}», du $start au $end. Entre les rencontres, c’est ici que le"
        f" groupe avance ensemble. Ce lien vous ouvre la porte{NBSP}; la première visite prend deux minutes."
    ),
    about_category=(
        f"C’est ici que se retrouve la cohorte $cohort{NBSP}: la question de la semaine, vos réponses et ce que vous"
        " avez découvert. Seuls les membres de la cohorte et son équipe d’accompagnement lisent ce qui s’écrit ici."
    ),
    about_title="À propos de la catégorie $category",
)
SYNC = SyncSentences(
    title="Les membres de vos cohortes n’ont pas été synchronisés",
    text="Le {day} à {clock}, les groupes de ce forum n’ont pas pu être mis en accord avec la liste des inscrits."
    " {done} En voici la raison (en anglais, comme l’ordinateur la donne)\u00a0:\n\n```text\n{problem}\n```\n\n"
    "Une nouvelle tentative a lieu {every} après chaque échec\u00a0; ce problème ne donnera pas lieu à un autre"
    " message. Sur la machine qui anime les cohortes, `lcm status` montre où l’on en est et `lcm sync` ce qui"
    " changerait.",
    part_done="Une partie a été faite.",
    nothing_done="Rien n’a été modifié.",
)
PROMPT = PromptSentences(
    form="Répondez en un seul message, avec les mêmes numéros. Quelques mots pour chacun suffisent.",
    no_poll="Répondez avec le numéro qui convient, et une phrase qui dit pourquoi.",
)
COMMITMENT = CommitmentSentences(
    options=("C’est fait", "Pas encore", "Ça a changé"),
    replies=("Oui, c’est fait", "Non, pas encore", "Mon plan a changé"),
    done=("fait", "c'est fait", "je l'ai fait", "oui c'est fait", "oui je l'ai fait"),
    not_yet=("pas encore", "non pas encore", "pas fait", "pas encore fait", "ce n'est pas fait"),
    changed=("changé", "ça a changé", "cela a changé", "j'ai changé", "un autre plan", "mon plan a changé"),
    alone=("oui", "non"),
)
RELAY = RelaySentences(
    promise=(
        f"Ce que vous écrivez ici sera transmis{NBSP}: la cohorte suivante le lira dans vos propres mots, sous votre "
        f"nom. Écrivez «{NBSP}sans mon nom{NBSP}» dans votre réponse, et il n’y figurera pas. Écrivez "
        f"«{NBSP}seulement pour nous{NBSP}», et elle restera ici."
    ),
    without_name=("sans mon nom", "sans nom"),
    only_here=("seulement pour nous", "juste pour nous", "pas pour la cohorte suivante"),
    someone="quelqu’un de {cohort}",
)


# The words of a rehearsal's page in French.


WORDS: Mapping[str, str | tuple[str, str]] = {
    "rehearsal": "Répétition",
    "of": "{title} pour {cohort}",
    "who": "{learners} et {lcms}, {period}",
    "learner": ("apprenant", "apprenants"),
    "lcm": ("LCM", "LCM"),
    "all_lcms": "les LCM",
    "what_this_is": (
        "Tous les textes du parcours, tels que le forum d’essai les a montrés le jour venu. Les noms sont ceux de la "
        "liste. Personne n’écrit pendant une répétition\u00a0: ce qui met en avant les messages des apprenants n’avait "
        "donc rien à montrer. Les brouillons ont été approuvés tels quels."
    ),
    "by_week": "Semaine après semaine",
    "week": "Semaine",
    "dates": "Dates",
    "texts": "Textes pour chaque apprenant",
    "reading": "Minutes de lecture",
    "answering": "Minutes pour répondre",
    "messages": "Messages à un apprenant",
    "decisions": "Décisions d’un LCM",
    "lcm_minutes": "Minutes d’un LCM",
    "assumed": (
        "Hypothèses\u00a0: {words} mots par minute, {answer} minutes pour répondre à une question, {decide} minutes "
        "pour une décision. La lecture de ce que les autres écrivent vient en plus."
    ),
    "everybody": "Chaque apprenant lit",
    "one_learner": "Un apprenant reçoit",
    "lcms": "Les LCM reçoivent",
    "managers": "Les responsables reçoivent par e-mail",
    "to": "à",
    "approved": "un LCM l’approuve d’abord",
    "pinned": "épinglé pendant {days}",
    "why": "Pourquoi",
    "quiet": "Rien n’a été publié pour",
    "nothing": "Rien cette semaine.",
    "problems": "Ce qui n’a pas fonctionné",
    "before": "Avant le début",
}
REHEARSAL = RehearsalSentences(WORDS)
