"""Why a draft exists, why there is none, or why it was held: sentences for an LCM, in the cohort's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.content.markdown import why
from sync_worker.languages.language import Language, capital, shortened
from sync_worker.languages.parts import HELD, PHRASES, REASONS, RULES, language

if TYPE_CHECKING:
    from datetime import date, datetime

    from sync_worker.languages.sentences import ReasonSentences
    from sync_worker.signals.contributions import Contribution


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons in one language."""

    language: Language

    @property
    def _words(self) -> ReasonSentences:
        return REASONS.of(self.language.code)

    def roundup(self, practices: int, questions: int, proposed: int = 0) -> str:
        """Return "Three people wrote what others can use; two questions are still open.".

        Where a language model proposed some of its phrases, a sentence says how many.
        """
        people = capital(self.language.count(practices, "person"))
        text = self._words.found[practices == 1].format(people=people)
        if questions:
            asked = self.language.count(questions, "question")
            text += f"{self.language.semicolon} " + self._words.open[questions == 1].format(questions=asked)
        told = self._words.proposed[proposed == 1].format(count=capital(self.language.number(proposed)))
        return f"{text}. {told}" if proposed else f"{text}."

    def nothing_written(self) -> str:
        """Return that there is no roundup of a silent week."""
        return self._words.nothing_written

    def nothing_usable(self, posts: int) -> str:
        """Return that no sentence of so many posts can be shown."""
        return self._words.nothing_usable.format(posts=self.language.count(posts, "post"))

    def candidate(self, contribution: Contribution, *, figure: bool) -> str:
        """Return why a post could be told as a story: what it tells, and how it was received."""
        told = self._words.tells_a_figure if figure else self._words.tells
        return f"{told} {why(PHRASES.of(self.language.code), contribution)}".strip()

    def picked(self, contribution: Contribution) -> str:
        """Return that an LCM chose a post to be told as a story, and how the post was received."""
        return f"{self._words.picked} {why(PHRASES.of(self.language.code), contribution)}".strip()

    def agreed(self, name: str, why: str) -> str:
        """Return why a story is told: its author agreed, and what made it a candidate."""
        return f"{self._words.agreed.format(name=name)} {why}"

    def nobody_to_ask(self, days: int) -> str:
        """Return that there is nobody to be asked for a story of so many days."""
        return self._words.nobody_to_ask.format(days=days)

    def asked_before(self) -> str:
        """Return why the author of a picked post is not asked again."""
        return self._words.asked_before

    def not_tellable(self) -> str:
        """Return why a picked post makes no story."""
        return self._words.not_tellable

    def not_seen(self, username: str) -> str:
        """Return why an author who agreed is asked anew."""
        return self._words.not_seen.format(name=username)

    def no_story(self) -> str:
        """Return that there is no story to tell."""
        return self._words.no_story

    def none_told(self) -> str:
        """Return that some agreed, and none of their stories can be told now."""
        return self._words.none_told

    def lcms_know(self, reason: str) -> str:
        """Return why there is no story to tell, and that a note said so before."""
        return self._words.lcms_know.format(reason=reason)

    def not_agreed(self) -> str:
        """Return why the story that somebody picked cannot be told."""
        return self._words.not_agreed

    def rewritten(self, reason: str) -> str:
        """Return why a draft that was approved waits once more, beside why it exists."""
        return self._words.rewritten.format(reason=reason)

    def missed(self, until: datetime) -> str:
        """Return that an occurrence came too late; `until` is the last moment for it, on the cohort's clock."""
        return self._words.missed.format(**self._moment(until))

    def overtaken(self) -> str:
        """Return that a later date of the same step is due as well, and is done instead."""
        return self._words.overtaken

    def held_back(self, hindrance: str, *, together: bool = False) -> str:
        """Return why a message may not go out now: `quiet`, `day` or `week` (see `Hindrance`).

        It is to one learner, or brings several together.
        """
        return (self._words.held_back_together if together else self._words.held_back)[hindrance]

    def _moment(self, at: datetime) -> dict[str, str]:
        return {"day": self.language.day(at.date()), "clock": self.language.clock(at)}

    def waits_until(self, why: str, until: datetime) -> str:
        """Return that a message to learners waits, why, and until when on the cohort's clock."""
        return self._words.waits_until.format(why=why, **self._moment(until))

    def too_late(self, why: str, until: datetime) -> str:
        """Return that a message to learners is left out: when it may go out, it is of no use any more."""
        return self._words.too_late.format(why=why, **self._moment(until))

    def unheard(self) -> str:
        """Return why a text waits: what somebody wrote whom it reaches, quotes or names cannot be read now."""
        return self._words.unheard

    def left_out(self) -> str:
        """Return that the settings leave somebody out of a step."""
        return capital(f"{RULES.of(self.language.code).excluded}.")

    def not_for_them(self, *, together: bool) -> str:
        """Return that somebody is no longer as the rule of a step asks, or one of those who are brought together."""
        words = RULES.of(self.language.code)
        return words.not_any_more_together if together else words.not_any_more

    def no_nudges(self) -> str:
        """Return that a learner does not want to be written to."""
        return self._words.no_nudges

    def account_away(self) -> str:
        """Return that a learner's account is gone, suspended or silenced."""
        return self._words.account_away

    def no_topic_of(self, step: str) -> str:
        """Return that a step has posted no topic that could be pinned."""
        return self._words.no_topic_of.format(step=step)

    def pin(self, until: datetime) -> str:
        """Return until when a topic is pinned, on the cohort's clock."""
        return self._words.pin.format(**self._moment(until))

    def unpin(self) -> str:
        """Return that a topic's pin is taken away."""
        return self._words.unpin

    def pin_over(self) -> str:
        """Return that the time to be pinned has passed."""
        return self._words.pin_over

    def close(self, closed: int, left: int) -> str:
        """Return how many topics are closed, and how many of the same kind wait for the next date."""
        text = self._words.close[closed == 1].format(topics=capital(self.language.number(closed, "topic")))
        if left:
            text += " " + self._words.close_later[left == 1].format(topics=capital(self.language.number(left, "topic")))
        return text

    def nothing_to_close(self) -> str:
        """Return that there is no topic to close."""
        return self._words.nothing_to_close

    def archive(self) -> str:
        """Return that the cohort becomes an archive, and what follows."""
        return self._words.archive

    def not_ended(self, end: date) -> str:
        """Return that a cohort which has not ended does not become an archive."""
        return self._words.not_ended.format(day=self.language.day(end))

    def no_programme(self) -> str:
        """Return that a cohort of no programme has nobody to hand on to."""
        return self._words.no_programme

    def no_promise(self, template: str) -> str:
        """Return that a template lacks what leavers must be told, so that nobody is asked."""
        return self._words.no_promise.format(template=template)

    def ask_leavers(self) -> str:
        """Return why those who leave are asked."""
        return self._words.ask_leavers

    def nobody_before(self) -> str:
        """Return that no earlier cohort was asked."""
        return self._words.nobody_before

    def nothing_handed_on(self, cohort: str) -> str:
        """Return that nothing of what an earlier cohort wrote may be shown."""
        return self._words.nothing_handed_on.format(cohort=cohort)

    def hand_on(self, people: int, cohort: str) -> str:
        """Return how many people of an earlier cohort left something."""
        counted = capital(self.language.count(people, "person"))
        return self._words.hand_on[people == 1].format(people=counted, cohort=cohort)

    def compare(self, cohorts: int) -> str:
        """Return how many cohorts got the same prompt."""
        return self._words.compare[cohorts == 1].format(cohorts=capital(self.language.number(cohorts)))

    def template(self) -> str:
        """Return why a topic of the playbook's own is opened."""
        return self._words.template

    def prompt(self, left: int) -> str:
        """Return why this prompt is next, and how many have not come yet."""
        return self._words.prompt.format(left=self.language.number(left, "question"))

    def resource(self, *, dated: bool) -> str:
        """Return why this resource is next: its moment has come, or it is the next of the list."""
        return self._words.resource[dated]

    def no_resource(self, name: str) -> str:
        """Return that a list has nothing for this day."""
        return self._words.no_resource.format(name=name)

    def session(self, when: str) -> str:
        """Return when a session takes place."""
        return self._words.session.format(when=when)

    def session_now(self) -> str:
        """Return that nothing is posted at the moment of a session."""
        return self._words.session_now

    def session_over(self) -> str:
        """Return that it is too late to tell people about a session."""
        return self._words.session_over

    def session_announced(self) -> str:
        """Return that a session has its topic already."""
        return self._words.session_announced

    def session_gone(self) -> str:
        """Return that a session's topic is not there for its readers."""
        return self._words.session_gone

    def session_changed(self, when: str) -> str:
        """Return that a session's topic names another moment."""
        return self._words.session_changed.format(when=when)

    def attendance_unknown(self) -> str:
        """Return that nobody knows who was at a session."""
        return self._words.attendance_unknown

    def all_attended(self) -> str:
        """Return that nobody missed a session."""
        return self._words.all_attended

    def absent(self, people: int) -> str:
        """Return how many missed a session."""
        counted = capital(self.language.count(people, "person"))
        return self._words.absent[people == 1].format(people=counted)

    def one_absent(self, name: str) -> str:
        """Return why somebody is written to after a session."""
        return self._words.one_absent.format(name=name)

    def assignment(self, due: str) -> str:
        """Return why a task is given."""
        return self._words.assignment.format(due=due)

    def no_due_date(self, template: str) -> str:
        """Return that the text of a task does not say when it is due."""
        return self._words.no_due_date.format(template=template)

    def not_given(self) -> str:
        """Return that there is no task that people could be asked about."""
        return self._words.not_given

    def task_gone(self) -> str:
        """Return that a task's topic is not there for its readers any more."""
        return self._words.task_gone

    def due_date_changed(self, due: str) -> str:
        """Return that somebody changed the due date in the topic."""
        return self._words.due_date_changed.format(due=due)

    def all_answered(self) -> str:
        """Return that there is nobody to write to."""
        return self._words.all_answered

    def not_answered(self, people: int, due: str) -> str:
        """Return how many have not answered a task."""
        counted = capital(self.language.count(people, "person"))
        return self._words.not_answered[people == 1].format(people=counted, due=due)

    def one_not_answered(self, name: str, due: str) -> str:
        """Return why somebody is written to about a task."""
        return self._words.one_not_answered.format(name=name, due=due)

    def nudged(self, people: int) -> str:
        """Return how many are written to because they fell silent."""
        return self._words.nudged[people == 1].format(people=capital(self.language.count(people, "person")))

    def nobody_silent(self) -> str:
        """Return that nobody is to be written to for silence."""
        return self._words.nobody_silent

    def silent(self, name: str, *, again: bool) -> str:
        """Return why somebody is written to, for the first time or once more."""
        return self._words.silent[again].format(name=name)

    def came_back(self) -> str:
        """Return that somebody has written meanwhile, so that a message about silence is void."""
        return self._words.came_back

    def held_out(self, people: int) -> str:
        """Return how many chance left out; "" for none."""
        if not people:
            return ""
        return self._words.held_out[people == 1].format(people=capital(self.language.count(people, "person")))

    def handed_over(self, people: int, held_out: int = 0) -> str:
        """Return how many did not react to two messages, and how many got none because chance left them out."""
        told = self._words.handed_over[people == 1].format(people=capital(self.language.count(people, "person")))
        return " ".join(filter(None, (told if people else "", self.held_out(held_out))))

    def nobody_to_hand_over(self) -> str:
        """Return that nobody is to be handed over to the LCMs."""
        return self._words.nobody_to_hand_over

    def nobody_waits(self) -> str:
        """Return that no learner's topic waits for a first reply, or that the LCMs know of those that do."""
        return self._words.nobody_waits

    def waits_for_reply(self, topics: int) -> str:
        """Return how many topics wait for a first reply."""
        return self._words.waits_for_reply[topics == 1].format(topics=capital(self.language.count(topics, "topic")))

    def nothing_blocks(self) -> str:
        """Return that there is nothing new that hinders somebody, and nothing of which others are to hear."""
        return self._words.nothing_blocks

    def blocked(self, topics: int) -> str:
        """Return how many topics hinder somebody, as the LCMs hear; 0 where only others hear of what they know."""
        if not topics:
            return self._words.escalates
        return self._words.blocked[topics == 1].format(topics=capital(self.language.count(topics, "topic")))

    def escalated(self, topics: int) -> str:
        """Return how many topics are still open, as people hear who are named for that."""
        return self._words.escalated[topics == 1].format(topics=capital(self.language.count(topics, "topic")))

    def nobody_to_pair(self) -> str:
        """Return that nobody is left to be brought together."""
        return self._words.nobody_to_pair

    def paired(self, groups: int, left: int) -> str:
        """Return how many groups were made, and how many people have met everybody who could take them."""
        text = self._words.paired[groups == 1].format(groups=self.language.number(groups))
        if left:
            text += " " + self._words.met_everybody[left == 1].format(
                people=capital(self.language.count(left, "person"))
            )
        return text

    def nobody_new(self) -> str:
        """Return that there is nobody to be introduced, or nobody to introduce them to."""
        return self._words.nobody_new

    def introduced(self, people: int) -> str:
        """Return how many newcomers are introduced to somebody."""
        return self._words.introduced[people == 1].format(people=capital(self.language.count(people, "person")))

    def together(self, names: str, *, met: bool) -> str:
        """Return why these people are brought together, for the LCM."""
        return self._words.together_again[met].format(names=names)

    def told(self, days: str, *, waits: bool) -> str:
        """Return what somebody was told: on these days, "" for none, and whether a message waits for the LCM."""
        if days:
            return (self._words.told_and_waits if waits else self._words.told).format(days=days)
        return self._words.waits if waits else self._words.not_told

    def commitment(self) -> str:
        """Return why people are asked for a plan."""
        return self._words.commitment

    def no_plan_due(self) -> str:
        """Return that nobody is to be asked about a plan."""
        return self._words.no_plan_due

    def plan_due(self, name: str, day: date) -> str:
        """Return why somebody is asked what became of a plan."""
        return self._words.plan_due.format(name=name, day=self.language.day(day))

    def plan_later(self, name: str) -> str:
        """Return why somebody is asked about a plan once more, weeks later."""
        return self._words.plan_later.format(name=name)

    def survey(self) -> str:
        """Return why people are asked two questions at the end."""
        return self._words.survey

    def no_polls(self) -> str:
        """Return that nothing is asked on a forum without polls."""
        return self._words.no_polls

    def no_votes(self) -> str:
        """Return that there is no survey whose results could be told."""
        return self._words.no_votes

    def survey_results(self, people: int) -> str:
        """Return how many answered a survey."""
        if not people:
            return self._words.nobody_answered
        counted = capital(self.language.count(people, "person"))
        return self._words.survey_results[people == 1].format(people=counted)


def reasons_for(locale: str) -> Reasons:
    """Return the reasons of a locale.

    Raises:
        ConfigError: we do not write that language.

    """
    return Reasons(language(locale))


# The desk note to the LCMs about a story that was not published because something changed at the last moment.


COHORT_NAME_LONGEST = 100


@dataclass(frozen=True, slots=True)
class HeldNote:
    """Title and text, as Markdown."""

    title: str
    body: str


def held_note(locale: str, cohort: str, address: str, trouble: str) -> HeldNote:
    """Return the note about one story.

    Args:
        locale: the cohort's language.
        cohort: its name.
        address: of the post, which staff may still read.
        trouble: what no longer holds, by its name in `recheck.Trouble`.

    """
    words = HELD.of(locale)
    reason = held_reason(locale, trouble)
    name = shortened(cohort, COHORT_NAME_LONGEST)
    return HeldNote(words.title.format(cohort=name), words.body.format(address=address, reason=reason))


def held_reason(locale: str, trouble: str) -> str:
    """Return why a draft about a post was not sent, as a sentence; `trouble` is a name of `recheck.Trouble`."""
    words = HELD.of(locale)
    return words.reasons.get(trouble, words.otherwise)
