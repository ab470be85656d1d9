"""What the desk's log of runs says, in the cohort's language and by its clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.desk.words import words_for
from sync_worker.languages.language import capital
from sync_worker.languages.parts import language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sync_worker.model import Cohort
    from sync_worker.publish.publisher import Deed
    from sync_worker.worker.run_report import Happening

ENGLISH_LOCALE = "en"


@dataclass(frozen=True, slots=True)
class RunSentences:
    """The sentences of one language; `{...}` are filled in with times, counts and names."""

    paused_until: str
    paused: str
    resumed: str
    later: str
    earlier: str
    as_planned: str
    nothing_due: str
    carried_out_none: str
    carried_out_one: str
    carried_out: str
    waiting_one: str
    waiting: str
    calls: str
    done_before: str
    busy: str
    unknown_cohort: str
    no_playbook: str
    unknown_step: str
    nothing_to_come: str
    technical: str
    preview: str
    outcomes: Mapping[str, str]
    done: Mapping[str, str]
    not_done: Mapping[str, str]
    actions: Mapping[str, str]


SENTENCES: Mapping[str, RunSentences] = {
    "en": RunSentences(
        paused_until="Paused until {day}, {clock}.",
        paused="Paused until a person resumes it.",
        resumed="The journey continues.",
        later="What is still to come happens {days} later than planned.",
        earlier="What is still to come happens {days} earlier than planned.",
        as_planned="What is still to come happens as planned.",
        nothing_due="Nothing was due.",
        carried_out_none="Nothing was posted or sent.",
        carried_out_one="One text was posted or sent.",
        carried_out="{number} texts were posted or sent.",
        waiting_one="One draft waits for an LCM.",
        waiting="{number} drafts wait for an LCM.",
        calls="Calls to the forum: {calls}.",
        done_before="That was done before.",
        busy="Another worker is looking after this forum. Ask again in a minute.",
        unknown_cohort="This worker has no cohort “{name}”.",
        no_playbook="The cohort “{name}” has no playbook.",
        unknown_step="The playbook “{playbook}” has no step “{step}”.",
        nothing_to_come="Nothing of that is still to come.",
        technical="{problem}",
        preview="{step}, {day}, {clock}: {reason}",
        outcomes={
            "done": "done",
            "waiting": "waits for an LCM’s decision",
            "nothing": "nothing to post",
            "skipped": "left out",
            "failed": "failed",
            "later": "is tried again later",
        },
        done={
            "topic": "Topic posted",
            "reply": "Reply posted",
            "message": "Message sent",
            "pin": "Topic pinned",
            "unpublish": "Topic taken down",
        },
        not_done={
            "skipped": "{action} left out",
            "failed": "{action} failed",
            "intended": "{action} is tried again later",
        },
        actions={
            "topic": "Topic",
            "reply": "Reply",
            "message": "Message",
            "pin": "Pinning",
            "unpublish": "Taking down",
        },
    ),
    "fr": RunSentences(
        paused_until="En pause jusqu’au {day} à {clock}.",
        paused="En pause, jusqu’à la reprise.",
        resumed="Le parcours reprend.",
        later="La suite du parcours a lieu {days} plus tard que prévu.",
        earlier="La suite du parcours a lieu {days} plus tôt que prévu.",
        as_planned="La suite du parcours a lieu aux dates prévues.",
        nothing_due="Rien n’était à faire.",
        carried_out_none="Rien n’a été publié ni envoyé.",
        carried_out_one="Un texte a été publié ou envoyé.",
        carried_out="{number} textes ont été publiés ou envoyés.",
        waiting_one="Un texte attend une décision de l’équipe.",
        waiting="{number} textes attendent une décision de l’équipe.",
        calls="Appels au forum\u00a0: {calls}.",
        done_before="C’est déjà fait.",
        busy="Un autre programme s’occupe de ce forum. Redemandez dans une minute.",
        unknown_cohort="Ce programme ne connaît pas de cohorte «\u00a0{name}\u00a0».",
        no_playbook="La cohorte «\u00a0{name}\u00a0» n’a pas de parcours.",
        unknown_step="Le parcours «\u00a0{playbook}\u00a0» n’a pas d’étape «\u00a0{step}\u00a0».",
        nothing_to_come="Rien de tel n’est encore à venir.",
        technical="Détail technique, en anglais\u00a0: {problem}",
        preview="{step}, {day} à {clock}\u00a0: {reason}",
        outcomes={
            "done": "fait",
            "waiting": "attend une décision de l’équipe",
            "nothing": "rien à publier",
            "skipped": "laissé de côté",
            "failed": "échec",
            "later": "nouvelle tentative prévue",
        },
        done={
            "topic": "Sujet publié",
            "reply": "Réponse publiée",
            "message": "Message envoyé",
            "pin": "Sujet épinglé",
            "unpublish": "Sujet retiré",
        },
        not_done={
            "skipped": "{action}\u00a0: laissé de côté",
            "failed": "{action}\u00a0: échec",
            "intended": "{action}\u00a0: nouvelle tentative prévue",
        },
        actions={
            "topic": "Sujet",
            "reply": "Réponse",
            "message": "Message",
            "pin": "Épinglage",
            "unpublish": "Retrait",
        },
    ),
}


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
        return SENTENCES.get(self.locale, SENTENCES[ENGLISH_LOCALE])

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
    return RunWords(cohort.locale if cohort.locale in SENTENCES else ENGLISH_LOCALE, cohort.zone)
