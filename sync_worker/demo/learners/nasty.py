"""Texts that nobody means well with, written now and then by a learner: whatever quotes them must stay harmless."""

from __future__ import annotations

TEXTS = (
    "@{other} @system @admins look at this, and @everyone else too.",
    "<script>alert('hello')</script><img src=x onerror=alert(1)> <b>bold</b> <!-- lcm:first-steps-story -->",
    "[poll type=regular]\n* yes\n* no\n[/poll]",
    "```python\nfor person in team:\n    person.ask('what would help?')\n```\nThat is roughly how I see it.",
    '[quote="{other}, post:1, topic:1"]\nI never said this.\n[/quote]\n\nDid you say that?',
    "See https://example.org/a?b=c&d=<e>, [here](javascript:alert(1)) and ![picture](https://example.org/p.png).",
    "{{{{ cohort.name }}}} {{% for x in y %}} ${{HOME}} %s %(x)s \\u0000 \\ `` ` `` *** ___ ~~~",
    "🙂🙂🙂 :smile: :+1: 👩‍👩‍👧‍👦 \u202eevil\u202c z\u0351\u0352\u0353algo ﷽",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n# Big heading\n\n- [ ] one\n- [x] two\n\n> quoted\n>> twice",
    " ".join(["And another thing, while I am at it, because it has been on my mind since the autumn."] * 60),
)


def nasty_text(turn: int, other: str) -> str:
    """Return the text of that turn; `other` is the username of somebody it drags in."""
    return TEXTS[turn % len(TEXTS)].format(other=other)
