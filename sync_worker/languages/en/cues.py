"""Turns of phrase that tell what a sentence does, in English."""

from __future__ import annotations

from sync_worker.languages.cue_words import CueWords

CUES = CueWords(
    tried=(
        (
            r"\b(?:i|we)(?:['’]ve| have)? (?:\w+ly )?(?:just |then |now |first |also |simply )?(?:tried|asked|"
            r"wrote|started|stopped|said|told|gave|made|put|moved|let|used|set|changed|began|took|kept|left|"
            r"replaced|split|added|removed|invited|handed|delegated|prepared|opened|closed|listened|waited|booked|"
            r"blocked|named|listed|drew|cut|rewrote|agreed|decided to|chose|switched|turned|sent|read|ran|held|"
            r"went|found|solved|fixed|walked|shared|offered|named|repeated|swapped|proposed|picked|called|met|"
            r"thanked|praised|paused|counted|dropped|described)\b"
        ),
    ),
    outcome=(
        (
            r"\b(?:it|that|this|which) (?:\w+ )?(?:worked|works|helped|helps|made|saved|took|did the (?:trick|"
            r"job)|fixed|solved)\b"
        ),
        r"\bworks? (?:as expected|fine|well|now|perfectly|great)\b",
        (
            r"\b(?:as a result|the result|in the end|turned out|turns out|since then|by (?:the end|friday|"
            r"thursday|wednesday))\b"
        ),
        (
            r"\binstead of (?:the |its |about )?(?:\d+|two|three|four|five|six|seven|eight|nine|ten|an hour|"
            r"half)\b"
        ),
        r"\bfrom \w+ (?:minutes|hours|days|weeks)? ?(?:down )?to \w+",
        r"\b(?:faster|shorter|sooner|less time|half the time|twice|fewer)\b",
        (
            r"\b(?:took|lasted|saved|finished|ended)\b.{0,40}\b(?:\d+|one|two|three|four|five|six|ten|twenty|"
            r"thirty|half)\b"
        ),
        r"\b(?:came back with|thanked me|said yes|agreed|spoke up|nobody)\b",
        r"\bproblem (?:is )?(?:solved|gone)\b",
    ),
    lesson=(
        (
            r"\b(?:what i (?:take|keep|learned|learnt)|i (?:used to|had confused|had always|had never)|my rule|"
            r"is worth|was worth|costs? nothing|taught me|beats?\b|turns out|turned out|is enough|are enough|"
            r"matters|the difference|next time|from now on|it is the reason)\b"
        ),
    ),
    settles=(
        (
            r"\b(?:solved|fixed|fix is|solution|workaround|found (?:it|the|a|out)|figured (?:it )?out|"
            r"the (?:problem|reason|cause|culprit|issue) (?:was|is)|works? now|it works|did the trick)\b"
        ),
    ),
    thanks=(
        r"\bthank(?:s| you)\b",
        r"\bcheers\b",
        r"\bthx\b",
    ),
    unsure=(
        (
            r"\b(?:i (?:don['’]?t|do not|can['’]?t|cannot|am not|didn['’]?t|could not|couldn['’]?t)|i['’]m not|"
            r"no idea|i guess|i wonder|i hope|maybe|perhaps|i (?:will|plan|want|would like|wish|need)|i['’]ll|"
            r"i['’]d like|i was wondering|not working|doesn['’]?t work|does not work|what i (?:mean|am saying|"
            r"want)|i (?:assume|bet|might|sure|for one|consider|think|feel|know|believe|see if|wanted)|"
            r"i['’]m sure|my guess|apparently|as you can see|if this|how (?:do|can|would|should) (?:you|i|we)|"
            r"what do|i(?:['’]m| am)(?: just)? (?:guessing|trying|curious)|i(?:['’]ve| have) been trying|"
            r"i ran into|if i had to|looks like|not sure|i meant|i imagine|i try|i remember|time.consuming|"
            r"neither worked|i (?:doubt|still|honestly|wish|am fine)|i['’]m fine|complain\w*|in theory|so far|"
            r"your idea|no right to|on the (?:left|right)|(?:first|second|last) (?:image|picture|video)|hopefully|"
            r"i am afraid|would be (?:nice|great|cool|good)|any (?:idea|help|suggestion)s?|anyone (?:know|else|"
            r"has|have|got|help)\w*|same (?:problem|issue|error)|stuck|fails?|crash\w*|errors?)\b"
        ),
    ),
    empty_question=(
        (
            r"\b(?:anyone|anybody|any (?:idea|thought|help|suggestion|tip|pointer|clue|hint)s?|am i|if i am|"
            r"did (?:someone|anyone)|is (?:this|that|it) (?:correct|right|possible|normal|ok)|what am i|"
            r"what['’]s wrong|what is wrong|help me|thoughts|could you (?:help|tell)|can you (?:help|tell)|"
            r"why is that|how come)\b"
        ),
    ),
    unanswerable=(
        r"\[solved",
        r"\(solved",
        r"\bsolved\]",
    ),
    number=(
        r"\b\d+(?:[.,]\d+)?\s?(?:%|minutes?|mins?|hours?|h|days?|weeks?|people|times|questions?)\b",
        (
            r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|half an|"
            r"an) (?:minutes|hours?|days|weeks|people|times|questions)\b"
        ),
    ),
    says_stuck=(
        r"^\W*(?:stuck|blocked)\b",
        r"\b(?:i am|i['’]m|we are|we['’]re|still) (?:completely |totally )?(?:stuck|blocked)\b",
    ),
    shares_trouble=(r"^\W*(?:same (?:here|problem|issue|question)|me too|mine too|us too|likewise|\+ ?1)\b",),
    trouble_over=(r"\b(?:solved|resolved|it works|works now|sorted|unblocked|found it)\b",),
    announced=(r"^what i (?:take|keep|learned)[^:,.]{0,20}[\s\u00a0]*: ",),
    aside=(
        (
            r"^(?:sorry|pardon|i am writing this|i['’]m writing this|a bit late|not a big thing|this was \w+, so|"
            r"that is (?:roughly )?how i|that['’]s how i)\b"
        ),
    ),
    asks=(
        r"^(?:(?:in|to|at|for|on|by|from|with) )?(?:what|which|who|whom|whose|where|when|why|how)(?:['’]s)?\b",
        r"^(?:is|are|was|were|am|do|does|did|can|could|should|would|will|has|have|must|may)(?:n['’]t)? ",
    ),
    leans=(
        r"\b(?:this|that|these|those|it|them|they|he|she|him|her|above|below)\b",
        r"\bthe others\b",
    ),
    seeks_help=(
        (
            r"\b(?:i (?:was |am |'m )?wonder(?:ing)?|i['’]m wondering|(?:any|some) (?:help|idea|advice|hint|pointer|"
            r"suggestion|tip)s? "
            r"(?:is|are|would|on|how|about|please)|(?:please|kindly) (?:help|advise)|(?:could|can) (?:anyone|anybody|"
            r"someone|"
            r"somebody)|(?:does|has|is) (?:anyone|anybody|someone) |i need (?:some )?(?:help|advice)|"
            r"looking for (?:help|advice|a way|"
            r"some)|i (?:do not|don['’]t) (?:know|understand) (?:how|why|what|where)|i (?:can not|cannot|can['’]t) "
            r"(?:figure|find|get|make|seem)|i (?:would|['’]d) like to (?:know|ask|understand)|my question|help me)\b"
        ),
    ),
    trouble_title=(
        (
            r"\b(?:problems?|trouble|errors?|help|fail(?:s|ed|ure|ing)?|crash(?:es|ed|ing)?|bugs?|issues?|broken|stuck|"
            r"(?:does|do|is|are|did|was)(?: not|n['’]t)|can(?:not| not|['’]t)|won['’]t|not working|exception|missing)\b"
        ),
    ),
)
