"""What the desk's log of runs says, in the cohort's language and by its clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.desk.words import words_for
from sync_worker.languages.language import capital
from sync_worker.languages.parts import RUNS, language

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sync_worker.languages.sentences import RunSentences
    from sync_worker.model import Cohort
    from sync_worker.publish.publisher import Deed
    from sync_worker.worker.run_report import Happening

ENGLISH_LOCALE = "en"


@dataclass(frozen=True, slots=True)
class ClockChange:
    """What somebody did to a cohort's clock: paused it (`until` None: until it is resumed), resumed or shifted it.

    `shift_days` is the whole shift since the written dates; None where it was no shift.
    """

    paused: bool = False
    until: datetime | None = None
    shift_days: int | None = None


@dataclass(frozen=True, slots=True)
class RunWords:
    """Writes the log of one cohort's runs; without a cohort, in English."""

    locale: str
    zone: ZoneInfo | None

    @property
    def say(self) -> RunSentences:
        """The sentences that need nothing filled in."""
        return RUNS.of(self.locale)

    def clock(self, change: ClockChange) -> str:
        """Return how the cohort's clock runs now."""
        if change.paused:
            return self._at(self.say.paused_until, change.until) if change.until else self.say.paused
        if change.shift_days is None:
            return self.say.resumed
        if change.shift_days == 0:
            return self.say.as_planned
        sentence = self.say.later if change.shift_days > 0 else self.say.earlier
        return sentence.format(days=language(self.locale).count(abs(change.shift_days), "day"))

    def summary(self, published: int, waiting: int, calls: int) -> str:
        """Return how much a run posted or sent, how many drafts wait since, and how many calls it made."""
        done = (self.say.carried_out_none, self.say.carried_out_one, self.say.carried_out)
        parts = [self._counted(published, *done)] if published or not waiting else []
        if waiting:
            parts.append(self._counted(waiting, "", self.say.waiting_one, self.say.waiting))
        return " ".join([*parts, self.say.calls.format(calls=calls)])

    def _counted(self, number: int, none: str, one: str, many: str) -> str:
        if number > 1:
            return many.format(number=capital(language(self.locale).number(number)))
        return one if number else none

    def preview(self, step: str, when: datetime, reason: str) -> str:
        """Return what a preview shows; `when` is on the cohort's clock."""
        return self._at(self.say.preview, when, step=step, reason=reason)

    def technical(self, problem: object) -> str:
        """Return a problem that only exists in English."""
        return self.say.technical.format(problem=problem)

    def happening(self, happening: Happening) -> str:
        """Return what became of one date of a step, in a line."""
        reason = self._reason(happening.reason, is_error=happening.outcome in ("failed", "later"))
        return f"{happening.step}: {self.say.outcomes[happening.outcome]}. {reason}".rstrip()

    def deed(self, deed: Deed) -> str:
        """Return what was posted or sent, in a line."""
        if deed.state == "done":
            what = self.say.done[deed.action]
        else:
            what = self.say.not_done[deed.state].format(action=self.say.actions[deed.action])
        where = f" /t/{deed.topic_id}" if deed.topic_id else ""
        reason = self._reason(deed.reason, is_error=deed.state in ("failed", "intended"))
        return f"{deed.step}: {what}{where}. {reason}".rstrip()

    def _reason(self, reason: str, *, is_error: bool) -> str:
        if not reason:
            return ""
        return self.technical(reason) if is_error else capital(words_for(self.locale).why_not(reason, self.zone))

    def _at(self, sentence: str, moment: datetime, **more: str) -> str:
        local = moment.astimezone(self.zone)
        return sentence.format(day=language(self.locale).day(local.date()), clock=f"{local:%H:%M}", **more)


def run_words(cohort: Cohort | None) -> RunWords:
    """Return the words of a cohort's log."""
    if cohort is None:
        return RunWords(ENGLISH_LOCALE, None)
    return RunWords(cohort.locale, cohort.zone)
