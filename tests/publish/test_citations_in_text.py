"""What a text of ours shows is read from it where nobody knows how it was drafted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sync_worker.publish.citations_in_text import CitationsInText
from sync_worker.publish.revising import without

TEXT = """\
This week was about [one page at the door](https://f.example/t/one-page/11).

### On “One page at the door”

[**Ana**](https://f.example/t/one-page/11):

[quote="ana, post:1, topic:11"]
We read it aloud.

Nobody stayed late.
[/quote]

[**Ben**](https://f.example/t/one-page/11/2) replied.

### Still open

- [Who reads it on Sundays?](https://f.example/t/sundays/12) (asked 3 days ago by Cleo). Dora: [lists](https://f.example/t/-/13/2).
- [Who keeps the folder?](https://f.example/t/folder/14) (asked 4 days ago by Eva).
"""
PEOPLE = {11: ("Ana", "Ben"), 12: ("Cleo",), 13: ("Fay", "Dora"), 14: ("Eva",)}
TITLES = {11: "One page at the door", 12: "Who reads it on Sundays?", 13: "Lists", 14: "Who keeps the folder?"}


def topic(number: int) -> Any:
    posts = [
        SimpleNamespace(id=number * 10 + at, number=at, user_id=ord(name[0]), username=name.lower(), name=name)
        for at, name in enumerate(PEOPLE[number], 1)
    ]
    return SimpleNamespace(id=number, title=TITLES[number], posts=posts)


def test_what_a_text_shows_of_each_person_can_be_taken_out_of_it_and_all_else_stays() -> None:
    shown = CitationsInText(topic).of(TEXT)
    left = {}
    for name in ("Ana", "Ben", "Cleo", "Dora", "Eva"):
        text = without(TEXT, [one.pieces for one in shown if one.name == name])
        left[name] = [word for word in ("aloud", "late", "Ben", "Sundays", "Dora", "folder") if word in text]
    assert left == {
        "Ana": ["Sundays", "Dora", "folder"],
        "Ben": ["aloud", "late", "Sundays", "Dora", "folder"],
        "Cleo": ["aloud", "late", "Ben", "folder"],
        "Dora": ["aloud", "late", "Ben", "folder"],
        "Eva": ["aloud", "late", "Ben", "Sundays", "Dora"],
    }
    assert [(one.name, one.title) for one in shown if one.passages or one.topic_id == 12] == [
        ("Ana", "One page at the door"),
        ("Cleo", "Who reads it on Sundays?"),
    ]


def test_what_is_gone_from_the_forum_is_not_cited() -> None:
    assert CitationsInText(lambda number: None).of(TEXT) == ()
