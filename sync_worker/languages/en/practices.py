"""What the practice library says in English."""

from __future__ import annotations

from sync_worker.languages.sentences import PracticeSentences

PRACTICES = PracticeSentences(
    title="What worked: {subject}",
    intro=(
        "What people in our cohorts found out about this at work, in their own words, each with the place and the day "
        "it was written.\n\n"
        "Try one this week, and reply to it with what came of it. If it did not work, say what was different where "
        "you are.\n\n"
        "If one of them is yours and you want it removed, send me the message “{no_quotes}”."
    ),
    said="**{name}**, in {topic} ({cohort}, {day}):",
    said_closed="**{name}**, in {topic}, which only {cohort} can open ({day}):",
    conversation="a conversation",
    also="The same, found elsewhere:",
    also_more="The same as {name} above, found elsewhere:",
    also_line="- **{name}** ({cohort}, {day})",
    ask_title="{cohort}: may other cohorts read what you found out?",
    ask=(
        "{name}, what you wrote would help people who take the same course after you. They cannot read our category, "
        "so I would like to keep it in our practice library, and I will not do so without your yes.\n\n"
        "This is all that would appear, word for word:\n\n{shown}\n\n"
        "It would appear in {place}. The people who look after later cohorts may show it to their group, with your "
        "name.\n\n"
        "May I? To agree, answer **Yes, you may show it**. The answer **No, please do not show it** is just as good "
        "and needs no reason. If I hear nothing, your post stays where it is.\n\n"
        "If something should change first, say so here: you would see the new text before anybody else. And you can "
        "take a yes back here at any time. Your words are then removed from the library."
    ),
    place="the category {category}",
    place_readers="the category {category}, which {readers} can read",
    place_public="the category {category}, where everybody who opens this forum can read it",
    signed="{hosts}\n\n*Sent from the assistant’s account. I read and answer here.*",
    ask_reason=(
        "The post by {name} is marked as practice. Not all who read the library can open it, so the author is asked "
        "first. Nothing is shown without a plain yes."
    ),
    told="Thank you. Your words are in the library now: {address}. If you want them removed one day, say so here.",
    offer=(
        "When {cohort} worked on this, {name} wrote:\n\n> {words}\n\n"
        "What would have to be different for this to work where you are? {more}"
    ),
    more="More of what worked: {subject}",
    offer_reason="{cohort} found out something that fits “{title}”.",
    keep=(
        "**{number}.** The roundup showed what {post} wrote. Is it worth keeping for later cohorts? Reply "
        "“{example}” to keep it, or the same with “no” to leave it."
    ),
)
