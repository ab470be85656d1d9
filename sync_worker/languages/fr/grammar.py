"""How French counts, lists, dates, quotes and elides."""

from __future__ import annotations

import re

from sync_worker.languages.language import NBSP, Language

GRAMMAR = Language(
    code="fr",
    numbers=("aucun", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    nouns={
        "person": ("personne", "personnes"),
        "minute": ("minute", "minutes"),
        "hour": ("heure", "heures"),
        "day": ("jour", "jours"),
        "week": ("semaine", "semaines"),
        "post": ("message", "messages"),
        "topic": ("sujet", "sujets"),
        "question": ("question", "questions"),
        "reply": ("réponse", "réponses"),
    },
    feminine=frozenset({"person", "minute", "hour", "week", "question", "reply"}),
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    conjunction="et",
    quotes=(f"«{NBSP}", f"{NBSP}»"),
    inner_quotes=("“", "”"),
    thousands="\u202f",
    one_day="le {day}",
    within_a_month="du {first} au {last}",
    over_months="du {first} au {last}",
    colon=f"{NBSP}:",
    semicolon=f"{NBSP};",
    first_of_month="1er",
    zero_is_singular=True,
    feminine_one="une",
)  # fmt: skip


def elided(word: str, text: str) -> str:
    """Return « d’Ana », « de Paul » for word « de »: elided before a vowel or a mute h."""
    if re.match(r"[aeiouyàâéèêëîïôûh]", text, re.IGNORECASE):
        return f"{word[:-1]}’{text}"
    return f"{word} {text}"
