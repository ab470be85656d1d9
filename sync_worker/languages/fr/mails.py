"""What stands in mails, on the page that a link in them opens, and in the notes about them, in French."""

from __future__ import annotations

from sync_worker.languages.sentences import MailSentences, NoteSentences

MAILS = MailSentences(
    answers={"yes": "Oui, il y a du temps", "not-yet": "Pas encore", "talk": "Parlons-en"},
    stop="Ne plus recevoir ces messages",
    may_read=(
        "Mon responsable peut le lire.",
        "Ma responsable peut le lire.",
        "Mon responsable peut lire ceci.",
        "Ma responsable peut lire ceci.",
        "Mon manager peut le lire.",
        "Ma manager peut le lire.",
    ),
    subject="{choice} ({code})",
    page_title="Votre réponse",
    page_ask="Vous avez choisi : « {choice} ».",
    page_button="Envoyer cette réponse",
    page_stop_ask="Vous ne recevrez plus de message de ce genre, ni pour ce parcours ni pour les suivants.",
    page_stop_button="Ne plus recevoir ces messages",
    page_thanks="Merci. La personne qui anime le parcours voit votre réponse. Vous pouvez fermer cette page.",
    page_stopped="C’est fait : vous ne recevrez plus ces messages. Vous pouvez fermer cette page.",
    page_void="Ce lien n’est plus valable. Répondez simplement au message : quelqu’un vous lira.",
    page_former="Merci. D’après nos informations, l’encadrement a changé depuis l’envoi de ce message : votre réponse"
    " n’a donc pas été transmise. Si c’est une erreur, répondez simplement au message : quelqu’un vous lira.",
    reason="Message à {manager}, qui encadre {learners}.",
    reason_unnamed="Message à la personne qui encadre {learners}.",
    sent={True: "Un message part vers l’encadrement.", False: "{managers} messages partent vers l’encadrement."},
    nobody="Personne à qui écrire : adresse inconnue, messages refusés, ou réponse déjà donnée.",
    unknown_managers={
        True: "L’adresse de l’encadrement manque pour une personne.",
        False: "L’adresse de l’encadrement manque pour {learners} personnes.",
    },
    unsubscribed="cette personne ne souhaite plus de messages ; rien n’a été envoyé",
    refused_before="le serveur de messagerie a déjà refusé cette adresse ; rien n’a été envoyé",
    forgotten="cette personne a demandé l’effacement de ses données ; rien n’a été envoyé",
    agreed="cette personne a déjà répondu oui à un message de cette étape ; rien n’a été envoyé",
    unknown="envoi incertain : interruption pendant la remise au serveur ; le message n’est pas envoyé deux fois",
    not_sent_title="Un message n’a pas pu être remis",
    not_sent="Ce message n’est pas arrivé. {reason}\n\nIl s’agissait de ceci : {why}\n\nQue faire : vérifiez l’adresse"
    " dans la liste des inscriptions. Une fois corrigée, les messages suivants partiront ; celui-ci, non. Si c’est"
    " urgent, appelez.",
    unknown_title="Un message n’est peut-être pas arrivé",
    unknown_body="Une interruption a eu lieu pendant la remise d’un message, et personne ne peut dire s’il est parti."
    " Il ne sera pas envoyé une seconde fois.\n\nIl s’agissait de ceci : {why}\n\nQue faire : si cela compte, demandez"
    " s’il est arrivé. `lcm retry` l’envoie de nouveau.",
    expired="ce message n’a pas pu partir à temps ; rien n’a été envoyé",
    expired_title={
        True: "Un message à l’encadrement n’est pas parti",
        False: "Des messages à l’encadrement ne sont pas partis",
    },
    expired_body={
        True: "Ce message n’a pas pu partir à temps, et ne partira plus.\n\n{mails}\n\n{reason}Que faire : si cela "
        "compte, dites-le vous-même, au téléphone ou par écrit.",
        False: "Ces messages n’ont pas pu partir à temps, et ne partiront plus.\n\n{mails}\n\n{reason}Que faire : si "
        "cela compte, dites-le vous-même, au téléphone ou par écrit.",
    },
)
NOTE = NoteSentences(
    kinds={
        "draft": "Brouillon : {what}",
        "hand-over": "Je vous ai passé le relais : {what}, sans nouvelles depuis un moment",
        "wrote": "{what} m’a écrit et attend votre réponse",
        "question": "Sans réponse : {what}",
        "talk": "Demande à en parler : {what}",
        "not yet": "Pas encore de temps : {what}",
        "failed": "Non remis : {what}",
        "practice": "Pour la bibliothèque de pratiques, si vous le souhaitez : {what}",
    },
    who="{manager}, qui encadre {learners}",
    who_unnamed="la personne qui encadre {learners}",
    how={
        "decide": "Répondez « oui {number}, merci » ou « non {number} : votre raison »",
        "done": "Une fois que c’est fait, répondez « fait {number}, merci »",
    },
    otherwise={
        "draft": "À décider sur votre bureau, ou avec `lcm drafts`",
        "talk": "Quand vous en aurez parlé : `lcm briefing settle` avec l’adresse que montre `lcm briefings`",
        "not yet": "Quand vous l’aurez lu : `lcm briefing settle` avec l’adresse que montre `lcm briefings`",
        "failed": "`lcm retry` pour réessayer",
        "practice": "À garder avec « Retenir comme pratique » dans le sujet, ou avec `lcm practices mark`",
    },
    since={True: "depuis hier", False: "depuis {days} jours"},
    today="depuis aujourd’hui",
    more={True: "Un autre point attend derrière ceux-ci.", False: "{count} autres points attendent derrière ceux-ci."},
    waiting={True: "Un point attend.", False: "{count} points attendent."},
    nothing="Rien n’attend.",
)
