"""What is decided, chosen and answered in messages, in English: the words that count, and what the worker writes."""

from __future__ import annotations

from sync_worker.languages.sentences import LetterSentences
from sync_worker.languages.words import ChoiceWords, DecisionWords

DECISIONS = DecisionWords(
    yes=("yes", "approve"),
    no=("no", "reject"),
    later=("later",),
    done=("done",),
    solved=("solved", "it is solved", "that is solved", "resolved"),
    everything=("all",),
    and_words=("and", "&"),
    polite=("please", "thanks", "thank you"),
    signatures=("sent from my", "get outlook for", "sent via", "best regards", "kind regards"),
    wrote=("wrote",),
)
CHOICES = ChoiceWords(
    no_nudges=("no nudges", "no more nudges"),
    no_quotes=("don't quote me", "do not quote me", "please don't quote me", "no quotes", "no quotes of me"),
    quotes=("you may quote me", "you can quote me", "quote me again"),
    no_pairs=("no pairs", "no pairing", "don't pair me"),
    stop=("stop", "stop it", "please stop"),
    start_again=("start again", "start"),
    not_now=("later", "not now"),
)
LETTERS = LetterSentences(
    title="{cohort}: your decision on {numbers}",
    opening=(
        "I have written what follows, and nothing of it goes out before you say yes. One line in reply decides:"
        "\n\n"
        "> {example}\n\n"
        "“yes all, thank you” sends everything in this message. "
        "After a colon you may give a reason, up to the end of the line."
    ),
    example="yes {yes}, no {no}: it is too early",
    example_one="yes {yes}, thank you",
    example_task="Somebody wrote to me and needs an answer from a person. Reply “done {number}, thank you” once "
    "that is done, or “later {number}, thank you” for next week.",
    draft="**{number}.** {what} to {to}, written on {when}. {why}",
    draft_all="**{number}.** {what} for everybody, written on {when}. {why}",
    task="**{number}.** {who} wrote to me on {when}, and I have not answered:",
    kinds={"message": "Message", "topic": "Topic", "reply": "Reply", "mail": "E-mail"},
    cut="… The whole text: `lcm drafts show {key}`",
    more="More is waiting. What I have not shown you yet comes in about an hour.",
    outcomes={
        "sent": "Sent, as you decided: {numbers}.",
        "rejected": "Not sent, as you decided: {numbers}.",
        "waits": "On its way: {numbers}. {why}",
        "not_sent": "I did not send {numbers}. {why}",
        "failed": "I tried to send {numbers}, and it did not work. {why}",
        "changed": "The text has changed since I showed it to you: {numbers}. You get it again, under another number.",
        "approved_before": "Approved by {name} before you: {numbers}.",
        "rejected_before": "Rejected by {name} before you: {numbers}.",
        "withdrawn": "Not needed any more: {numbers}. {why}",
        "done": "Closed, as you say: {numbers}.",
        "kept": "Marked as practice: {numbers}.",
        "not_kept": "Not kept: {numbers}.",
        "done_before": "Closed by {name} before you: {numbers}.",
        "later": "I come back to {numbers} on {day}.",
        "newer": "New only minutes before you wrote, and perhaps not yet read, so I left it open: {numbers}.",
        "nothing": "That decided nothing: nothing of the kind waits in this conversation any more.",
        "open": "Still waiting: {numbers}.",
    },
    unclear="I could not read this reply for certain, so nothing was decided. Please write a new one, like this:\n\n"
    "> {example}",
    read="What I could read: {read}.",
    no_such="I have shown you no {numbers} here.",
    not_for="“yes” and “no” are for texts, “done” and “later” for people who wrote. Please use the "
    "other words for {numbers}.",
    changed="You changed your reply after I had acted on it. I go by its first words: {read}. For anything else, "
    "please write a new reply.",
    solved="Noted as solved: {topics}. Nobody else will hear of it. The desk or `lcm blockers reopen` brings it back.",
    solved_which="I cannot tell which of these is solved. A reply like “solved 2, thank you” says it, with the number "
    "of the line above; “solved all, thank you” means every line.",
    someone_reads="The desk is not kept up to date any more, because it can be read by somebody who is no LCM of this "
    "cohort: {names}. Take them out of that conversation, and I go on.",
    chosen={
        "no_nudges": "I will not write to you personally any more: neither after a silence, nor before something is "
        "due, nor about a plan of yours. “Start again” brings it back.",
        "no_quotes": "I will neither quote you nor name you in roundups, in stories or in the library. What I "
        "published of yours before, I am taking out now. “You may quote me” changes that for what comes later.",
        "no_pairs": "I will not bring you together with anybody any more. “Start again” brings it back.",
        "stop": "From now on I leave you in peace: I do not write to you personally, I bring you together with "
        "nobody, and I quote nothing of yours. What I published of yours before, I am taking out now. "
        "“Start again” brings the first two back, “You may quote me” the third.",
        "quotes": "I may quote what you write in the forum, and name you. “Don’t quote me” ends it.",
        "start_again": "I write to you personally again, and bring you together with others. “Stop, please” "
        "ends it. What you said about quotes still holds.",
    },
    desk={
        "title": "{cohort}: your desk",
        "intro": "What I know of the cohort, for its LCMs. I keep it up to date here, without a notification.",
        "as_of": "As of {day}, {clock}.",
        "week": "This week",
        "week_posts": "{posts} by {people} since Monday.",
        "week_silent": "Nobody has written since Monday.",
        "next": "{day}, {clock}: {what}",
        "hand": "Who needs a hand",
        "hand_nobody": "Nobody stands out.",
        "waiting": "Waits for your decision",
        "waiting_none": "Nothing.",
        "waiting_how": "Reply here: {example}",
        "waiting_draft": "**{number}.** {what} to {to}: {why}",
        "waiting_draft_all": "**{number}.** {what} for everybody: {why}",
        "waiting_task": "**{number}.** {who}: {why}",
        "wrote": "wrote to me on {day}, and I have not answered. {words}",
        "over_to_you": "two messages, no reaction ([what I tried]({link}))",
        "open": "Open questions",
        "owned": "; {name} looks after it",
        "open_none": "No question has been open for two days.",
        "since": "since {day}",
        "stories": "Stories that wait for a yes",
        "asked": "asked on {day}",
        "pairs": "Pairs",
        "last_roundup": "The last roundup",
        "handed": "Handed over to you",
        "handed_line": "{name}, on {day}",
        "managers": "Mails to managers",
        "managers_line": "{manager}, about {learners}, {day}: {state}",
        "mail_done": "sent",
        "mail_intended": "not sent yet",
        "mail_skipped": "not sent",
        "mail_failed": "not delivered",
        "answered": "; answered “{answer}”",
        "answer_yes": "yes",
        "answer_not_yet": "not yet",
        "answer_talk": "let us talk",
        "sent": "Messages to individual people in the last four weeks",
        "sent_line": "{name}, {day}: {title}",
        "effect": "Whether messages to silent people help",
        "network": "Who answers whom",
        "weeks": "Week by week",
        "weeks_columns": "Week | Posts | People who wrote",
        "few": "fewer than five",
        "figure_title": "Posts week by week",
        "few_people": "fewer than five people wrote",
        "figure": "Posts week by week: {values}",
    },
)
