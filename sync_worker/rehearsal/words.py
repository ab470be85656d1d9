"""The words of a rehearsal's page, in each language."""

from __future__ import annotations

ENGLISH = {
    "rehearsal": "Rehearsal",
    "of": "{title} for {cohort}",
    "who": "{learners} and {lcms}, {period}",
    "learner": ("learner", "learners"),
    "lcm": ("LCM", "LCMs"),
    "all_lcms": "the LCMs",
    "what_this_is": (
        "Every text of the journey, as the practice forum showed it on its day. Names are those of the roster. Nobody "
        "writes in a rehearsal, so what shows learners’ posts had nothing to show; drafts were approved as they are."
    ),
    "by_week": "Week by week",
    "week": "Week",
    "dates": "Dates",
    "texts": "Texts for every learner",
    "reading": "Minutes to read",
    "answering": "Minutes to answer",
    "messages": "Messages to one learner",
    "decisions": "Decisions of an LCM",
    "lcm_minutes": "Minutes of an LCM",
    "assumed": (
        "Assumed: {words} words a minute, {answer} minutes for an answer to a prompt, {decide} minutes for a decision. "
        "Reading what others write comes on top."
    ),
    "everybody": "Every learner reads",
    "one_learner": "One learner receives",
    "lcms": "The LCMs receive",
    "to": "to",
    "approved": "an LCM approves it first",
    "pinned": "pinned for {days}",
    "why": "Why",
    "quiet": "Nothing was posted for",
    "nothing": "Nothing this week.",
    "problems": "What did not work",
    "before": "Before the start",
}
FRENCH = {
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
    "to": "à",
    "approved": "un LCM l’approuve d’abord",
    "pinned": "épinglé pendant {days}",
    "why": "Pourquoi",
    "quiet": "Rien n’a été publié pour",
    "nothing": "Rien cette semaine.",
    "problems": "Ce qui n’a pas fonctionné",
    "before": "Avant le début",
}
WORDS = {"en": ENGLISH, "fr": FRENCH}
