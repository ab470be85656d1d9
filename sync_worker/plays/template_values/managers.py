"""What templates of mails to managers may use."""

from __future__ import annotations

from sync_worker.content.markdown import Markdown
from sync_worker.content.template_words import Word
from sync_worker.plays.brief_manager import PlanWords
from sync_worker.plays.template_values.shared import COHORT, HOSTS

_ALLOWED = PlanWords(Markdown("Ana Alves"), Markdown("> When the late shift comes on Monday, I will ask first."))
BRIEFING_WORDS = (
    COHORT,
    HOSTS,
    Word("manager", "the manager's name; empty where it is not known", (Markdown("Bea Boss"), "", "Aa-Bb " * 12)),
    Word(
        "learners",
        "the names of those of the manager's people who are in the cohort, as a list in words",
        (Markdown("Ana Alves"), Markdown("Ana Alves and 张伟"), Markdown(f"{'Aa-Bb ' * 12}and 张伟")),
    ),
    Word("about", "the same names, cut where the list is too long for a title", ("Ana Alves and 张伟", "Aa-Bb " * 16)),
    Word("several", "whether these are more than one", (False, True)),
    Word(
        "plans",
        "plans that their authors let their manager read, each with `name` and `words` (a quote); may be empty, and "
        "always is in the mail of the moment `before`",
        ((_ALLOWED,), (), (_ALLOWED,) * 9),
    ),
    Word(
        "answers",
        "a list of the answers, each a link; empty where the step has `ask: false`",
        (Markdown("- [Yes, there is time](lcm:yes)\n- [Not yet](lcm:not-yet)"), Markdown("")),
    ),
    Word("stop", "the link that ends these mails", (Markdown("[No more of these mails](lcm:stop)"),), required=True),
)
CASE_MANAGER_WORDS = (
    COHORT,
    HOSTS,
    Word("manager", "the manager's name; empty where it is not known", (Markdown("Bea Boss"), "", "Aa-Bb " * 12)),
    Word("learner", "the name of the person whom it is about", (Markdown("Ana Alves"), Markdown("Aa-Bb " * 12))),
    Word("about", "the same names, cut where the list is too long for a title", ("Ana Alves", "Aa-Bb " * 12)),
    Word(
        "answers",
        "a list of the answers, each a link; empty where the step has `ask: false`",
        (Markdown("- [Yes, I have seen it](lcm:yes)\n- [Not yet](lcm:not-yet)"),),
        required=True,
    ),
    Word("stop", "the link that ends these mails", (Markdown("[No more of these mails](lcm:stop)"),), required=True),
)
