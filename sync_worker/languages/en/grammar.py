"""How English counts, lists, dates and quotes."""

from __future__ import annotations

from sync_worker.languages.language import Language

GRAMMAR = Language(
    code="en",
    numbers=("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    nouns={
        "person": ("person", "people"),
        "minute": ("minute", "minutes"),
        "hour": ("hour", "hours"),
        "day": ("day", "days"),
        "week": ("week", "weeks"),
        "post": ("post", "posts"),
        "topic": ("topic", "topics"),
        "question": ("question", "questions"),
        "reply": ("reply", "replies"),
    },
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    conjunction="and",
    quotes=("“", "”"),
    inner_quotes=("‘", "’"),
    thousands=",",
    one_day="{day}",
    within_a_month="{first}–{last}",
    over_months="{first} – {last}",
)  # fmt: skip
