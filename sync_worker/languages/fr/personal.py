"""What the page says, in French, that shows a person all that is held about them."""

from __future__ import annotations

from sync_worker.languages.sentences import PersonalSentences

PERSONAL = PersonalSentences(
    words={
        "title": "Ce qui est conservé à votre sujet",
        "intro": (
            "Voici tout ce que l’assistant de la communauté conserve à votre sujet, et ce qu’il vous a écrit "
            "pour cette raison. Il ne voit rien d’autre\u00a0: aucun message privé sauf les siens, et rien "
            "en dehors du forum, sauf la liste des inscrits et ses compléments."
        ),
        "known_as": "Ce qui permet de vous reconnaître",
        "messages": "Ce qui vous a été écrit, et pourquoi",
        "why": "Pourquoi\u00a0:",
        "known": "Ce qui était connu à ce moment-là\u00a0:",
        "reply": "Une réponse",
        "sent": "envoyé",
        "waiting": "pas encore envoyé",
        "not_sent": "non envoyé",
        "with_others": "Textes qui parlent de vous et d’autres personnes",
        "with_others_why": (
            "Seuls les titres sont affichés, car le reste concerne d’autres personnes\u00a0: rencontres à "
            "deux, listes pour l’équipe d’accompagnement, récits et bilans."
        ),
        "elsewhere": "Là où d’autres vous nomment",
        "elsewhere_why": (
            "Ce sont des textes d’autres personnes, ou des listes de plusieurs\u00a0; seul leur nombre est indiqué."
        ),
        "left_out": (
            "Les clés, les numéros de compte et les sommes de contrôle ne sont pas affichés. Les "
            "responsables de l’assistant peuvent tout vous remettre dans un fichier, le corriger ou le "
            "supprimer\u00a0: adressez-vous à l’équipe qui accompagne votre cohorte."
        ),
        "yes": "oui",
        "no": "non",
    },
    tables={
        "posts": "Copies de vos messages",
        "topics": "Sujets",
        "likes": "J’aime donnés et reçus",
        "visits": "Vos jours de présence sur le forum",
        "activity_days": "Votre activité, comptée par jour",
        "answer_weeks": "À qui vous avez répondu et qui vous a répondu, compté par semaine",
        "facts": "Ce qui est su de vous",
        "choices": "Vos choix",
        "consents": "Vos réponses sur la publication d’un message",
        "commitments": "Ce que vous avez prévu de faire",
        "dismissals": "Une note de l’équipe d’accompagnement\u00a0: pourquoi personne n’a besoin de vous écrire",
        "trials": "Tirages au sort\u00a0: un message aux personnes silencieuses vous est-il envoyé",
        "mail_stops": "Envoi de messages à votre adresse",
        "briefing_answers": "Réponses à un message envoyé à l’encadrement",
        "replies": "Vos réponses aux messages de l’assistant",
        "talks": "Conversations avec l’assistant",
        "waiting": "Ce qui attendait une décision de l’équipe d’accompagnement",
        "identities": "Votre compte",
        "settlements": "Ce qui a été décidé au sujet de votre compte",
        "memberships": "Groupes dont vous faites partie grâce à nous",
        "emailed": "Groupes où votre adresse a été ajoutée",
        "unpaired": "Groupes rejoints par adresse",
        "invitations": "Invitations",
        "changes": "Changements de groupes",
        "seen": "Listes de membres, telles qu’elles ont été lues",
        "accepted_rosters": "Listes d’inscrits",
        "practice_marks": "Messages signalés comme bonne pratique",
        "created": "Groupes et catégories",
        "cursors": "Réglages de l’assistant",
        "occurrences": "Étapes du programme",
        "runs": "Passages de l’assistant",
    },
    columns={
        "created_at": "écrit le",
        "written_at": "écrit le",
        "at": "le",
        "day": "jour",
        "week": "semaine du",
        "raw": "texte",
        "words": "vos mots",
        "name": "nom",
        "username": "identifiant",
        "cohort": "cohorte",
        "value": "valeur",
        "source": "source",
        "type": "nature",
        "reason": "raison",
        "until": "jusqu’au",
        "by": "par",
        "answer": "réponse",
        "asked_at": "demandé le",
        "answered_at": "répondu le",
        "posts": "messages",
        "likes": "j’aime",
        "posts_read": "messages lus",
        "seconds_read": "secondes de lecture",
        "replies": "réponses",
        "replies_given": "réponses données",
        "replies_received": "réponses reçues",
        "likes_given": "j’aime donnés",
        "likes_received": "j’aime reçus",
        "nudges": "accepte un message en cas de silence",
        "quoting": "accepte d’être cité",
        "pairing": "accepte les rencontres",
        "held_out": "sans message, par tirage au sort",
        "share": "part des personnes sans message",
        "slot": "le",
        "step": "étape",
        "playbook": "programme",
        "group_name": "groupe",
        "role": "rôle",
        "state": "état",
        "email": "adresse",
        "matched_by": "reconnu par",
        "made_at": "compte créé le",
        "shown": "texte tel que vous l’avez vu",
        "title": "titre",
        "outcome": "suite donnée",
        "answered": "répondu",
        "content": "ce qui y a été lu",
        "why": "raison",
        "settled_at": "traité le",
    },
)
