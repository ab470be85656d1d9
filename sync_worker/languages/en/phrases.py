"""How English counts, lists, dates and quotes; its sentences of roundups and stories; how people say yes and no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.languages.language import Language, capital
from sync_worker.languages.phrases import MANY_DAYS, Phrases, Place
from sync_worker.languages.words import AnswerWords, ProposalWords, RuleWords, listed
from sync_worker.wording import Markdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.languages.phrases import Counts, Exchange, Pointer


GRAMMAR = Language(
    code="en",
    numbers=("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    nouns={
        "person": ("person", "people"),
        "other person": ("other person", "others"),
        "minute": ("minute", "minutes"),
        "hour": ("hour", "hours"),
        "day": ("day", "days"),
        "week": ("week", "weeks"),
        "post": ("post", "posts"),
        "topic": ("topic", "topics"),
        "question": ("question", "questions"),
        "reply": ("reply", "replies"),
        "picture": ("picture", "pictures"),
        "video": ("video", "videos"),
        "link": ("link", "links"),
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


# The sentences of roundups and stories in English.


class EnglishPhrases(Phrases):
    """English, as a colleague would write it."""

    language = GRAMMAR
    within = "in"
    of_a_longer_post = "from [a longer post]({address})"
    in_this_post = "in [this post]({address})"
    in_reply_to = "replying to"
    in_a_topic_of = "in a topic of"

    def solved(self, days: int) -> str:
        """Return "it answered a question that had been open for nine days"."""
        if days < 1:
            return "it answered the question within a day"
        if days == 1:
            return "it answered the question within two days"
        return f"it answered a question that had been open for {self.language.count(days, 'day')}"

    def solved_own(self, author: str, days: int) -> str:
        """Return "Ana asked, and came back to share the answer"."""
        if not 1 < days <= MANY_DAYS:
            return f"{author} asked, and came back to share the answer"
        return f"{author} asked, and came back with the answer {self.language.count(days, 'day')} later"

    def came_back(self, author: str, days: int, address: str) -> Markdown:
        """Return "**Ana** asked, and came back with [the answer](address) nine days later."."""
        later = "" if not 1 < days <= MANY_DAYS else f" {self.language.count(days, 'day')} later"
        return Markdown(f"**{author}** asked, and came back with [the answer]({address}){later}.")

    def received(self, likes: int, replies: int) -> str:
        """Return "four people liked it and two replied"."""
        if not replies:
            return f"{self.language.count(likes, 'person')} liked it"
        if not likes:
            return f"{self.language.count(replies, 'person')} replied"
        return f"{self.language.count(likes, 'person')} liked it and {self.language.number(replies)} replied"

    def pointer(self, post: Pointer) -> Markdown:
        """Return "**Ana** replied to [**Ben**](…) in [about 200 words](address), with code and two pictures."."""
        length = f"[about {self.language.digits(post.words)} words]" if post.words else "[a few lines]"
        things = [self._things(kind, number) for kind, number in post.shown.items()]
        if post.place is Place.OPENS:
            beside = self.language.listing([f"{length}({post.address})", *things])
            return Markdown(f"**{post.author}** opened this with {beside}.")
        beside = f", with {self.language.listing(things)}" if things else ""
        if post.place is Place.GOES_ON:
            opened = f"opened this on {post.opened}, and this week " if post.opened else ""
            return Markdown(f"**{post.author}** {opened}added {length}({post.address}){beside}.")
        replied = f"replied to {post.to} in" if post.to else "replied in"
        return Markdown(f"**{post.author}** {replied} {length}({post.address}){beside}.")

    def showing(self, author: str, address: str, shown: Mapping[str, int]) -> Markdown:
        """Return "**Ana** posted [two pictures](address)."."""
        things = self.language.listing([self._things(kind, number) for kind, number in shown.items()])
        return Markdown(f"**{author}** posted [{things}]({address}).")

    def _things(self, kind: str, number: int) -> str:
        return kind if kind == "code" else f"a {kind}" if number == 1 else self.language.count(number, kind)

    going_on = (
        (
            "{opener} opened this on {day}; this week it went on in {posts}, with {together}.",
            "{opener} opened this on {day}; this week {together} added {posts}.",
        ),
        (
            "It began on {day} with {opener}; this week it went on in {posts}, with {together}.",
            "It began on {day} with {opener}; this week {together} added {posts}.",
        ),
        (
            "{Posts} came this week, by {together} and by {opener}, who opened this on {day}.",
            "{Posts} came this week, by {together}; {opener} opened this on {day}.",
        ),
    )

    def replies(self, exchange: Exchange, address: str) -> Markdown:
        """Return "[**Ben**](…) and two others replied in [five posts](address)." or "... joined in; [...](…) ..."."""
        posts = self.language.count(exchange.posts, "post")
        if exchange.joined:
            return Markdown(f"{capital(self.together(exchange))} joined in; [{posts}]({address}) followed.")
        told = f"replied in [{posts}]({address})"
        if exchange.posts == exchange.people:
            told = f"[replied]({address})" if exchange.others else "replied"  # each name leads to its post
        return Markdown(f"{capital(self.together(exchange))} {told}.")

    def liked(self, author: str, likes: int, address: str) -> Markdown:
        """Return "Three people liked [what **Ana** wrote](address)."."""
        return Markdown(f"{capital(self.language.count(likes, 'person'))} liked [what **{author}** wrote]({address}).")

    def asked_and_answered(self, exchange: Exchange, question: str, answer: str) -> Markdown:
        """Return "**Ana** [asked](address), and [the answer is here](address)." or "..., and [**Ben**](…) replied."."""
        found = f"[the answer is here]({answer})" if answer else f"{self.together(exchange)} replied"
        return Markdown(f"**{exchange.opener}** [asked]({question}), and {found}.")

    def about(self, title: str, *, asks: bool, solved: bool) -> Markdown:
        """Return "Solved: Fonts are blurred", "An answer to “How do you start?”" or "On “Fonts”"."""
        if solved:
            return Markdown(f"Solved: {title}")
        return Markdown(f"{'An answer to' if asks else 'On'} {self.language.quoted(title)}")

    def about_prompt(self, author: str, title: str) -> Markdown:
        """Return "Ana, on “One thing to stop”"."""
        return Markdown(f"{author}, on {self.language.quoted(title)}")

    def in_a_conversation(self, author: str) -> Markdown:
        """Return "What Ana wrote"."""
        return Markdown(f"What {author} wrote")

    def tells(self, name: str) -> str:
        """Return "What Ana has to tell"."""
        return f"What {name} has to tell"

    def opening(self, subjects: Sequence[str], voices: int) -> Markdown:
        """Return "Seven people wrote in A this week, more than anywhere else. B is worth opening too."."""
        first, *others = subjects
        if not voices:
            return Markdown(f"Worth opening this week: {self.language.listing(subjects)}.")
        people = self.language.count(voices, "person")
        if not others:
            return Markdown(f"The conversation of the week was {first}, with {people} in it.")
        are = "is" if len(others) == 1 else "are"
        return Markdown(
            f"{capital(people)} wrote in {first} this week, more than anywhere else. "
            f"{self.language.listing(others)} {are} worth opening too."
        )

    def asked(self, days: int, author: str) -> str:
        """Return "Ana asked nine days ago"."""
        when = {0: "today", 1: "yesterday"}.get(days, f"{self.language.count(days, 'day')} ago")
        return f"{author} asked {when}"

    def call(self, name: str | None, known_for: str | None, turn: int = 0) -> str:
        """Return "Ben, your answer in [Title](address) was close to this: would you have a look?"."""
        if name is None:
            calls = (
                "An answer, or half of one, would help.",
                "A few lines are enough to begin with.",
                "A first thought would already help.",
            )
            return calls[turn % len(calls)]
        return f"{name}, your answer in {known_for} was close to this: would you have a look?"

    def nothing_left(self) -> str:
        """Return that sentence."""
        return "What stood here is not shown any more."

    def first_time(self, names: Sequence[str]) -> Markdown:
        """Return "Ana and Ben wrote here for the first time."."""
        return Markdown(f"{self.language.listing(names)} wrote here for the first time.")

    def numbers(self, counts: Counts) -> str:
        """Return "In numbers: 84 posts by 31 people in 22 topics, five questions answered."."""
        posts = self.language.count_digits(counts.posts, "post")
        people = self.language.count_digits(counts.people, "person")
        topics = self.language.count_digits(counts.topics, "topic")
        line = f"In numbers: {posts} by {people} in {topics}"
        if counts.answered:
            line += f", {self.language.count(counts.answered, 'question')} answered"
        return f"{line}."


PHRASES = EnglishPhrases()


# How people say yes and no in English.


_SHOW = "(show|use|share|publish|post)"
_IT = "(it|this|my post|my story)"
_TO_ALL = "(| to everybody| to everyone| with everybody| with everyone)"

ANSWERS = AnswerWords(
    yes=(
        "(yes|yep|yup)(| please| indeed| absolutely| certainly| definitely| gladly)",
        "(of course|certainly|absolutely|definitely|gladly|with pleasure|by all means)",
        "of course you (may|can)",
        "you (may|can)",
        f"(you may|you can|you are welcome to|you're welcome to|please|please do|feel free to) {_SHOW} {_IT}{_TO_ALL}",
        "you have my (consent|permission|agreement)",
        f"you have my (consent|permission|agreement) to {_SHOW} {_IT}",
        "(show|use|share|publish) it",
        "(please |)go (|right )ahead",
        "go for it",
        "(please do|feel free|be my guest)",
        "i (agree|consent|do agree)",
        f"(i am|i'm|i would be|i'd be) (happy|glad|honoured|honored) for you to {_SHOW} {_IT}",
        "(it's|it is|that's|that is|this is|) (fine|ok|okay|all right) (with|by) me",
        "(|i have )no (objection|objections)",
        "i (don't|do not) mind(| at all)",
    ),
    assent=("(ok|okay|sure|sure thing|agreed|alright|all right)",),
    praise=(
        "(that's|that is|it's|it is) (|perfectly |absolutely |quite )(fine|ok|okay)",
        "(|that's |that is )(no problem|not a problem)(| at all)",
    ),
    courtesy=(
        "(thanks|thank you)(| very much| so much| a lot)(| for asking| for asking me)",
        "many thanks(| for asking)",
        "please",
        "(|best |kind |warm )regards",
        "(best|all the best|best wishes|cheers)",
        "have a (nice|good|lovely) (day|evening|week|weekend)",
    ),
    greetings=(
        "(hello|hi|hey|dear)(| all| everybody| everyone| there)",
        "good (morning|afternoon|evening)",
        "(|you're |you are )(|most |very )welcome",
    ),
    no=(
        "no(| thanks| thank you| sorry| please)",
        "(nope|never)",
        "(no |please |)(please |)not (this|this one|this time|me)",
        "i (said|say) no",
        "(i'm|i am|) afraid not",
        "(no |)please (don't|do not)",
        "(no |)(don't|do not)",
        "(no |)(i would|i'd|i) (rather|prefer) not",
        "i (refuse|decline)",
        "(my|the) answer is no",
    ),
    refusals=(
        f"(no |)(please |)(don't|do not) {_SHOW} (it|this|my)",
        "(no |)(please |)(don't|do not) tell (it|this|my story)",
        "(no |)(i would|i'd|i) (rather|prefer) (you did not|you didn't|you don't|you do not|not)",
        "(no |)i (don't|do not) (want|wish)",
        "i (withdraw|take back) my (yes|consent|agreement|permission)",
        "(please |)take (it|this|the story|my story|my post) down",
        "(please |)(remove|delete) (it|this|the story|my story|my post)",
    ),
    hedges=(
        "but if unless until till except without only provided though although however first before later yet "
        "maybe perhaps might otherwise instead change edit rename anonymous anonymously anonymise wait "
        "hesitate why what who where when how else problem yes yep yeah ok okay sure fine agree happy glad "
        "gladly course welcome"
    ),
    never_names=(
        "nah nay nope none nobody nothing hardly never once after when while soon sooner late later tomorrow today "
        "tonight monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
        "august september october november december pending subject provided providing assuming anon private internal "
        "internally stop cancel remove delete withdraw wait ask check edit skip drop hide ignore read seen noted got "
        "nein niet nee nie nej nao ikke partly mostly almost nearly both neither either half joking kidding"
    ),
)


# How the verdict of a rule is told in English.


RULES = RuleWords(
    words={
        "week": "week of the cohort",
        "days_since_start": "days since the first day",
        "days_to_end": "days until the last day",
        "learners": "learners in the cohort",
        "lcms": "LCMs in the cohort",
        "writers_7_days": "learners who wrote in the last 7 days",
        "language": "language of the cohort",
        "today": "today",
        "start": "first day of the cohort",
        "end": "last day of the cohort",
        "role": "role",
        "username": "username",
        "days_in_cohort": "days in the cohort",
        "unseen_days": "days since the last visit",
        "quiet_days": "days without a post",
        "posts": "posts",
        "posts_7_days": "posts in the last 7 days",
        "posts_28_days": "posts in the last 28 days",
        "days_active": "active days of the last 28",
        "posts_read": "posts read in the last 28 days",
        "replies_given": "replies to others",
        "replies_received": "replies from others",
        "likes_given": "likes given",
        "likes_received": "likes received",
        "open_tasks": "tasks without an answer",
        "done": "step “{step}” is done",
        "answers": "learners who answered “{step}”",
        "answered": "answered “{step}”",
    },
    fact="{name}",
    comparisons={
        "equals": "{wanted}",
        "not_equals": "anything but {wanted}",
        "below": "below {wanted}",
        "above": "above {wanted}",
        "at_least": "at least {wanted}",
        "at_most": "at most {wanted}",
        "before": "before {wanted}",
        "after": "after {wanted}",
        "in": "{wanted}",
    },
    is_known={True: "known", False: "not known"},
    yes_no={True: "yes", False: "no"},
    decimal=".",
    either="or",
    asked="{word}: {value} (asked for: {wanted})",
    left_out="{word}: {value} (left out: {wanted})",
    unknown="{word}: not known (asked for: {wanted})",
    not_comparable="{word}: “{value}”, which cannot be compared (asked for: {wanted})",
    joined="; ",
    everybody="the step is for every learner",
    limit="its limit is reached, {times} in the whole journey",
    limit_in_days="its limit is reached, {times} in {days} days",
    all_spent="Everybody whom this step is for got as many texts of it as its limit allows.",
    nobody="Nobody in the cohort meets the conditions of this step.",
    not_any_more="The person no longer meets the conditions of this step.",
    not_any_more_together="One of the people no longer meets the conditions of this step.",
    excluded="left out of this step in lcm.yaml",
    other_role="not a learner, and the rule does not ask for another role",
    spent="got as many texts of this step as its limit allows",
)


# By which the English words that a language model proposes are judged.


PROPOSALS = ProposalWords(
    name="English",
    banned=(
        r"\bdon't forget\b",
        r"\bdo not forget\b",
        r"\breminder\b",
        r"\bjust a friendly\b",
        r"\byour thoughts\b",
        r"\bwhat do you think\b",
        r"\b(?:great|good|nice|excellent|awesome) (?:job|work|post|question|insight|idea|tip)s?\b",
        (
            r"\b(?:amazing|awesome|fantastic|incredible|inspiring|insightful|wonderful|brilliant|invaluable|"
            r"game.changer|must.read|kudos|congratulations|bravo|thrilled|excited|delve|unlock|journey)\b"
        ),
        r"\b(?:everyone|everybody|you) (?:should|must|need to|have to)\b",
        r"\b(?:click|check out|make sure|be sure to|stay tuned|dive into|discover|learn how)\b",
        r"\b(?:nobody|no one) (?:has )?(?:replied|answered)\b",
        r"\b(?:as an ai|language model)\b",
    ),
    numbers=listed(
        """
        eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty
        seventy eighty ninety hundred hundreds thousand thousands million millions dozen dozens half halved quarter
        twice thrice double doubled triple tripled
        """
    ),
    moments=(
        "yesterday", "today", "tonight", "tomorrow", "last week", "next week", "last month", "this month", "next month",
        "last year", "this year", "next year", "morning", "afternoon", "evening", "weekend",
    ),
)  # fmt: skip
