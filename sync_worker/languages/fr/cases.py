"""Une étude de cas de réussite en français : questions, réponses, notes, raisons, et les mots du rapport."""

from __future__ import annotations

from sync_worker.languages.sentences import CaseSentences

CASES = CaseSentences(
    options=("Pas du tout", "Une ou deux fois", "Plusieurs fois", "Presque chaque semaine"),
    levels=(
        ("jamais", "pas une fois", "pas encore"),
        ("une fois", "deux fois", "un peu"),
        ("quelques fois", "quelquefois", "parfois", "trois fois", "quatre fois"),
        ("chaque semaine", "toutes les semaines", "tout le temps", "souvent", "tous les jours"),
    ),
    consents={
        "conversation": ("Oui, parlons-en", "Non, je préfère ne pas en parler"),
        "named": ("Avec mon nom", "Sans mon nom"),
        "manager": ("Vous pouvez interroger ma hiérarchie", "Merci de ne pas interroger ma hiérarchie"),
    },
    doubts={
        "conversation": ("avis", "retire", "annule", "annuler", "arrête", "arrêter", "regrette", "supprimer", "rien"),
        "named": ("nom", "noms", "nommer", "anonyme", "anonymement", "anonymat"),
        "manager": ("hiérarchie", "responsable", "manager", "chef", "cheffe", "supérieur", "supérieure"),
    },
    notes={
        "used": ("utilisé", "utilise"),
        "result": ("résultat", "résultats"),
        "helped": ("aide", "a aidé", "aidé"),
        "hindered": ("frein", "freins", "a freiné", "freiné"),
        "confirm": ("confirme", "confirment", "qui peut confirmer"),
    },
    factors={
        "manager": ("Hiérarchie", "responsable", "responsables", "chef", "cheffe"),
        "peers": ("Collègues", "collègue", "équipe"),
        "time": ("Temps",),
        "opportunity": ("Occasion", "occasions"),
        "practice": ("Entraînement", "pratique", "exercices"),
        "planning": ("Plan", "plans"),
        "self-belief": ("Confiance", "courage"),
        "relevance": ("Contenu", "contenus"),
        "firm": ("Organisation", "règles", "outils"),
        "motivation": ("Motivation", "envie"),
    },
    seen={"yes": "Oui, je l’ai vu", "not-yet": "Pas encore", "talk": "Parlons-en"},
    reasons={
        "ask": "Quelques semaines ont passé\u00a0: c’est le moment de demander ce qui a servi, et ce qui en est sorti.",
        "nobody": "la cohorte ne compte personne à qui poser la question",
        "few": "réponses reçues\u00a0: {answered}\u00a0; il en faut cinq pour choisir des cas",
        "chosen": "Réponses reçues\u00a0: {answered}. Personnes choisies pour un entretien\u00a0: {number}.",
        "best": "{name} a répondu «\u00a0{answer}\u00a0», l’une des réponses les plus hautes.",
        "worst": "{name} a répondu «\u00a0{answer}\u00a0», l’une des réponses les plus basses.",
        "words": "Une phrase dit aussi ce qui en est sorti.",
        "signs": "Messages du forum qui en parlent\u00a0: {number}.",
        "lot": "Tirage au sort entre {number} personnes dont les réponses se valent.",
        "manager": "{name} accepte qu’une question soit posée à {manager}.",
        "mails": "Responsables à interroger\u00a0: {number}.",
        "no_mails": "personne à interroger\u00a0: aucun accord, aucune adresse connue, ou des messages refusés",
        "guide": "{name} veut bien en parler.",
    },
    report={
        "title": "Étude de cas de réussite",
        "intro": (
            "Quelques semaines après le parcours, deux questions ont été posées à tout le monde\u00a0: à quelle "
            "fréquence ce qui a été appris a servi au travail, et ce qui en est sorti. Les réponses les plus hautes et "
            "les plus basses ont été suivies d’un entretien. Ces extrêmes montrent ce qui marche et ce qui "
            "bloque\u00a0; ce n’est pas une moyenne."
        ),
        "answers": "Qui a répondu",
        "rate": "Réponses reçues\u00a0: {answered} sur {asked} ({share}).",
        "nobody_asked": "La question n’a encore été posée à personne.",
        "few": (
            "Moins de cinq personnes ont répondu. Leurs réponses ne sont pas montrées, et aucun cas n’a été choisi."
        ),
        "low_rate": "Moins de la moitié ont répondu\u00a0: gardez-le à l’esprit en lisant la suite.",
        "level": "Réponse",
        "people": "Personnes",
        "chart": "À quelle fréquence ce qui a été appris a servi au travail",
        "merged": "Une réponse donnée par moins de cinq personnes est comptée avec la réponse voisine.",
        "hidden": "La répartition n’est pas montrée\u00a0: certaines réponses viennent de trop peu de personnes.",
        "cases": "Les cas",
        "best": "Là où cela a marché",
        "worst": "Là où cela n’a pas marché",
        "no_cases": "Aucun entretien n’a encore été consigné.",
        "someone": "Une personne",
        "used": "Ce qui a servi",
        "result": "Ce qui en est sorti",
        "helped": "Ce qui a aidé",
        "hindered": "Ce qui a freiné",
        "manager_yes": "La hiérarchie l’a constaté.",
        "manager_not yet": "La hiérarchie ne l’a pas encore constaté.",
        "manager_talk": "La hiérarchie souhaitait d’abord en parler.",
        "manager_none": "La hiérarchie ne l’a pas confirmé.",
        "factors": "Ce qui a aidé, ce qui a freiné",
        "factor": "Facteur",
        "helped_count": "A aidé dans",
        "hindered_count": "A freiné dans",
        "factors_why": "Chaque nombre dit dans combien d’entretiens ce facteur a été cité.",
        "protected": (
            "Les réponses ne sont montrées que par groupes d’au moins cinq personnes. Un cas n’est raconté que si la "
            "personne a accepté un entretien en vue de ce rapport. Les noms et les citations n’y figurent que si elle "
            "l’a accepté aussi."
        ),
        "as_of": "État au",
        "data": "Les réponses en CSV",
        "factor_data": "Ce qui a aidé ou freiné, en CSV",
    },
)
