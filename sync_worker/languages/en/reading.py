"""English words that tell whether a sentence stands on its own."""

from __future__ import annotations

from sync_worker.languages.reading_words import DayWords, ReadingWords, listed

READING = ReadingWords(
    opens_a_lean=listed(
        """
        it its it's this that that's these those he she they him her them his hers their theirs such both either neither
        so but and or however also then therefore thus hence instead otherwise because which who whose same another
        others still yet nor though although there here otherwise else plus besides meanwhile likewise similarly too
        """
    ),
    points_back=listed(
        """
        he she him her his hers they them their theirs it its above below former latter aforementioned said ditto
        """
    ),
    names_a_thing=listed("a an the my our your every each some any no one two three four five many several most all"),
    points_out=(
        "in this post",
        "in this thread",
        "in this topic",
        "in my previous",
        "in my last",
        "in my first",
        "my previous",
        "last thread",
        "in that case",
        "in which case",
        "to do so",
        "if so",
        "as i said",
        "as i mentioned",
        "as mentioned",
        "as you said",
        "like i said",
        "like you said",
        "you mentioned",
        "you said",
        "as above",
        "see above",
        "see below",
        "the above",
        "the following",
        "as follows",
        "i agree",
        "you are right",
        "you're right",
        "in your case",
        "your question",
        "your post",
        "screenshot",
        "attached",
    ),
    empty=listed(
        """
        about above after again all alone also although always am among an and another any anybody anyone anything are
        around as at away back be because been before being below better between both but by came can cannot come could
        did do does doing done down during each either else enough even ever every everyone everything far few for from
        further get gets getting give given go goes going gone good got had has have having he hence her here hers him
        his how however i if in indeed instead into is it its itself just keep kept kind know last later least less let
        like likely little long look lot made mainly make makes making many may maybe me mean might mine more most much
        must my myself near nearly need never new next no nobody none nor not nothing now of off often on once one only
        or other others our ours out over own part people perhaps place please point possible probably put quite rather
        really right said same say says see seem seems seen several shall she should since so some somebody someone
        something sometimes soon still such sure take taken than thank thanks that the their theirs them then there
        therefore these they thing things think this those though through thus to today together too took toward tried
        try trying two under until up upon us use used uses using usually very want wanted wants was way ways we well
        went were what whatever when where whether which while who whole whom whose why will with within without work
        works would year yes yet you your yours
        """
    ),
    chat=listed(
        """
        hi hello hey hiya thanks thank thx cheers sorry welcome ok okay yes yep yeah no nope lol haha ah oh wow congrats
        congratulations agreed exactly indeed right sure great nice cool awesome please edit update btw fyi anyway ps
        good bravo well
        """
    ),
    takes_back=(
        "i stand corrected",
        "i was wrong",
        "i was mistaken",
        "my mistake",
        "scratch that",
        "ignore my",
        "ignore what i",
        "forget what i",
        "please disregard",
        "disregard my",
        "that was wrong",
        "i take that back",
        "i take it back",
        "does not work after all",
        "doesn't work after all",
        "did not work after all",
        "didn't work after all",
    ),
)

DAYS = DayWords(
    today=("today", "tonight", "this morning", "this afternoon", "this evening"),
    tomorrow=("tomorrow",),
    past_before=("last", "since", "past"),
    vague_before=("every", "each", "next", "most", "some", "any", "not before", "before", "until", "after"),
    ordinals="st|nd|rd|th",
    verbs=("may", "march"),
)
