"""English words that tell whether a sentence stands on its own."""

from __future__ import annotations

from sync_worker.languages.reading_words import NEVER, WEAK, DayWords, Doubt, ReadingWords, listed

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
    doubts=(
        Doubt(
            r"\b(?:this|these|those)\b(?! (?:week|month|year|time|way|morning|evening|afternoon|spring|summer|autumn|"
            r"winter)\b)",
            WEAK,
        ),
        Doubt(
            r"\b(?:from|of|in|with|for|to|at|on|about|like|got|do|did|does|is|was|than|doing|after|before|by|using|see|"
            r"handle|solve) that\b",
            WEAK,
        ),
        Doubt(r"\b(?:it|its|it's|they|them|their|theirs|he|him|his|she|her|hers)\b", WEAK),
        Doubt(r"\b(?:and )?(?:so on|etc|et cetera|whatever|stuff|somehow|something like|or something)\b", WEAK),
        Doubt(  # to one person
            r"\b(?:you(?:'re| are) (?:aware|right|using|trying|doing|getting|missing|referring)|you (?:got|said|mean|"
            r"meant|posted|did|tried|mentioned|wrote|asked|described|linked|showed|guys)|your (?:code|problem|issue|"
            r"error|project|setup|idea|suggestion|example|approach|help|reply|answer|solution)|try it|let (?:us|"
            r"me) know|"
            r"you'll see|you can see|sounds like)\b",
            anywhere=True,
        ),
        Doubt(
            r"^(?:of course|not (?:much|really|sure|yet)|by the way|actually|basically|honestly|frankly|admittedly|"
            r"personally|i (?:also|was thinking|meant|mean|guess|think so|do not know|don't know|have no idea|hope|"
            r"wish|agree|"
            r"understand|see)|i'm (?:not|also)|by ['\"“‘]|for now|for me|finally|lastly|(?:the|a|one) (?:next|"
            r"last|only|other|second|third) |maybe|perhaps|probably|hopefully|unfortunately|fortunately|let me|let's|"
            r"same|"
            r"no need|there(?:'s| is| are) no|well|yes|no|looks|seems|apart from|aside from|as for|regarding|another|"
            r"one "
            r"(?:more|thing)|my (?:guess|point)|if not|\w+ (?:also|too)\b|unrelated|note|pretty sure|just in case|"
            r"been |very much|trust me|anyway|in fact|if (?:yes|no)|(?:the )?last)\b|\b(?:these|those) (?:two|three|"
            r"four|ones?|are|"
            r"were|will|do)\b|\bthis (?:is|was)\b"
        ),
        Doubt(  # what the reader of a quotation does not see
            r"\b(?:video|picture|image|photo|gif|links?|snippet|preview|screenshots?|(?:this|the|your|my|"
            r"other) (?:thread|"
            r"post|reply|comment)s?|here|(?:see|seen|shown|listed|described|mentioned|as) (?:below|above)|"
            r"posts? (?:down|up)|previously|earlier|afaik|imho|"
            r"imo|tbh|btw)\b",
            anywhere=True,
        ),
        Doubt(r"\b(?:fig(?:ure)?s?\.? ?\d|(?:the|a) same (?:issue|problem|error|thing)|before that)\b", anywhere=True),
        Doubt(r"(?:\.{2,}|…|!)['\"”’»)]*$", anywhere=True),
        Doubt(
            r"\b(?:otherwise|instead|either|though|too|as well|yet|anymore|then)[.]$|\b(?:otherwise|in that regard)\b"
        ),
        Doubt(r"\bthe (?:original|other|others|second|latter|former|rest|one|ones|same one|whole thing|thing)\b"),
        Doubt(  # who does not know
            r"\bi(?:'m| am) (?:not (?:too |very |really |so |entirely |quite )?(?:sure|certain|familiar|convinced)|"
            r"unsure)|"
            r"\bi (?:have no idea|don't (?:quite |really )?know|do not know|don't remember|haven't (?:used|tried|"
            r"tested))|"
            r"\bi(?:'d| would) have expected|\bdon't quote me\b|\bi(?: was|'m| am)? wonder(?:ing)?\b|"
            r"\bi wanted to know\b|"
            r"\bjust in case i\b|\bnot that i know\b|\bas far as i know\b",
            anywhere=True,
        ),
        Doubt(  # anger, jokes, compliments
            r"\b(?:disappoint\w*|annoy\w*|wast(?:e|ing) (?:my|your|of) time|can't stand|can not stand|"
            r"i (?:really )?(?:do not|"
            r"don't) like|hate|stupid|idiot\w*|ridiculous|nonsense|bullshit|crap|damn|shit|fuck\w*|wtf|lol|haha\w*|"
            r"hehe|"
            r"lmao|rofl|joking|kidding|brave enough|cry to|i must say|i definitely think|shut up|troll\w*|whin(?:e|"
            r"ing)|"
            r"complain(?:s|ed|ing)?|(?:don't|do not) argue|wouldn't argue|good luck|keep up|looks? (?:great|nice|good|"
            r"awesome|"
            r"amazing|cool)|congrat\w*|no offen[cs]e)\b|[:;]-?[()DPp](?![\w])",
            NEVER,
            anywhere=True,
        ),
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
