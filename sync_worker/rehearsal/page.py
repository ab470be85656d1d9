"""Write a rehearsal as a page: everything that each kind of person reads, week by week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.config.private_files import write_private
from sync_worker.errors import UsageError
from sync_worker.languages.parts import REHEARSAL, language
from sync_worker.rehearsal import weeks
from sync_worker.rehearsal.stand_ins import people_of
from sync_worker.report.write import page_environment, rendered

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.rehearsal.play import Rehearsed


def page_of(rehearsed: Rehearsed) -> str:
    """Return the page as HTML, in the cohort's language; it loads nothing from elsewhere."""
    cohort, words = rehearsed.cohort, REHEARSAL.of(rehearsed.cohort.locale).words
    names = {cohort.lcm_group: words["all_lcms"], **{one.username: one.name for one in rehearsed.people}}
    counts = {}
    for learners, noun in ((True, "learner"), (False, "lcm")):
        number = len(people_of(rehearsed.people, learners=learners))
        counts[noun] = f"{number} {words[noun][number != 1]}"
    template = page_environment("sync_worker.rehearsal").get_template("rehearsal.html")
    return template.render(
        cohort=cohort,
        title=rehearsed.playbook.file.title.in_language(cohort.locale),
        words=words,
        language=language(cohort.locale),
        counts=counts,
        weeks=weeks.weeks_of(rehearsed),
        assumed={
            "words": weeks.WORDS_PER_MINUTE,
            "answer": weeks.ANSWER_MINUTES,
            "decide": weeks.DECISION_MINUTES,
        },
        problems=rehearsed.problems,
        names=names,
        rendered=rendered,
    )


def write_page(rehearsed: Rehearsed, path: Path) -> None:
    """Write the page; only its owner may read it, as it names people.

    Raises:
        UsageError: it cannot be written there.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, page_of(rehearsed))
    except OSError as error:
        what = f"the page cannot be written: {error.strerror}."
        raise UsageError(what, where=str(path), do="Name a file in a folder that you may write to.") from None
