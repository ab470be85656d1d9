"""The words of a rehearsal's page in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.languages.sentences import RehearsalSentences

if TYPE_CHECKING:
    from collections.abc import Mapping

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
