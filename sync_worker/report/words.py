"""The words of the report's pages, in each language."""

from __future__ import annotations

ENGLISH = {
    "report": "Report",
    "as_of": "As of",
    "numbers": "In numbers",
    "posts": "posts",
    "people": "people wrote",
    "people_who_wrote": "People who wrote",
    "members": "of {members} members",
    "cohort": "Cohort",
    "open_count": "Open questions",
    "few": "fewer than three",
    "by_week": "Week by week",
    "week": "Week",
    "dates": "Dates",
    "prompts": "Prompts and their answers",
    "prompt": "Prompt",
    "posted": "Posted",
    "answers": "Answers",
    "stories": "Success stories",
    "roundups": "Roundups",
    "open": "Questions that wait for an answer",
    "open_for": "open for {days} days",
    "open_day": "open since yesterday",
    "open_today": "asked today",
    "nothing": "Nothing yet.",
    "data": "The figures as CSV",
    "all": "All cohorts",
    "chart": "Posts a week",
}
FRENCH = {
    "report": "Bilan",
    "as_of": "Au",
    "numbers": "En chiffres",
    "posts": "messages",
    "people": "personnes ont écrit",
    "people_who_wrote": "Personnes qui ont écrit",
    "members": "sur {members} membres",
    "cohort": "Cohorte",
    "open_count": "Questions ouvertes",
    "few": "moins de trois",
    "by_week": "Semaine après semaine",
    "week": "Semaine",
    "dates": "Dates",
    "prompts": "Les questions de la semaine et leurs réponses",
    "prompt": "Question",
    "posted": "Publiée",
    "answers": "Réponses",
    "stories": "Réussites",
    "roundups": "Bilans de la semaine",
    "open": "Questions qui attendent une réponse",
    "open_for": "posée il y a {days} jours",
    "open_day": "posée hier",
    "open_today": "posée aujourd’hui",
    "nothing": "Rien pour l’instant.",
    "data": "Les chiffres en CSV",
    "all": "Toutes les cohortes",
    "chart": "Messages par semaine",
}
WORDS = {"en": ENGLISH, "fr": FRENCH}


def age(words: dict[str, str], days: int) -> str:
    """Return how long a question has been open, in words."""
    if days <= 0:
        return words["open_today"]
    return words["open_day"] if days == 1 else words["open_for"].format(days=days)
