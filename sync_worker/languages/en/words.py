"""The words and turns of phrase by which posts in English are read."""

from __future__ import annotations

from sync_worker.languages.words import (
    NEVER,
    SEVERE,
    WEAK,
    CueWords,
    DayWords,
    Doubt,
    HeadingWords,
    ReadingWords,
    listed,
)

CUES = CueWords(
    tried=(
        (
            r"\b(?:i|we)(?:['’]ve| have)? (?:\w+ly )?(?:just |then |now |first |also |simply )?(?:tried|asked|"
            r"wrote|started|stopped|said|told|gave|made|put|moved|let|used|set|changed|began|took|kept|left|"
            r"replaced|split|added|removed|invited|handed|delegated|prepared|opened|closed|listened|waited|booked|"
            r"blocked|named|listed|drew|cut|rewrote|agreed|decided to|chose|switched|turned|sent|read|ran|held|"
            r"went|found|solved|fixed|managed|got|figured|walked|shared|offered|named|repeated|swapped|proposed|"
            r"picked|called|met|"
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
    rhetorical=(
        r"^(?:is|are|was|were|do|does|did|ca|could|should|would|wo|has|have)n['’]?t\b",
        r"^(?:why (?:not|(?:was|were|is|are|do)n['’]t)|what if|how about|who (?:cares|needs)|poll|survey)\b",
        r"^do you (?:support|agree|like|love|want|prefer|think|believe)\b",
    ),
    quarrels=(
        (
            r"\b(?:banned|banning|(?:was|were|been|is|are|got) suspended|conduct violation|dishonest\w*|smear\w*|"
            r"personal attack\w*|harass\w*|condescending|hostile (?:attitude|tone)|go away|get lost|screw you)\b"
        ),
        (
            r"\b(?:stupid\w*|dumbass\w*|idiot\w*|moron\w*|ridiculous|nonsense|bullshit|bollocks|crap|shit\w*|fuck\w*|wtf|"
            r"shut up|troll(?:s|ing|ed)?|whin(?:e|ing|es)|hypocri\w+|double.standards?|superiority|arrogan\w+|"
            r"your (?:attitude|tone|ego|behaviou?r)|(?:waste|not an? \w+ use) of (?:my|your|our) time|"
            r"wast(?:e|ing) (?:my|your|our|everybody['’]s|everyone['’]s) time|(?:to|not) engage (?:any )?further|"
            r"(?:i am|i['’]m) (?:sick|tired|fed up)|fed up|stop (?:lying|insulting|spamming)|liar|lies|insult\w*|"
            r"freak(?:ing|ed)? out|(?:is|are|was|were)(?:n['’]t| not) polite|impolite|turning people away|"
            r"disrespect\w*|offend\w*|offensive|rude(?:ly|ness)?|accus(?:e|es|ed|ing|ation\w*)|code of conduct|"
            r"suspended (?:this|your|the) account|ban(?:ned|ning) (?:you|him|her|this)|defam\w+|slander\w*|"
            r"pathetic|clueless|you have no idea|your reputation|toxic|freak.?show|complete mess|can['’]?t stand|"
            r"hate)\b"
        ),
    ),
    success=(
        (
            r"\b(?:it|that|this|which|everything|the \w+(?: \w+)?) (?:all |just |now |really |finally |also )?"
            r"(?:works|worked|did the (?:trick|job)|seems? to (?:work|have worked)|helped|(?:is|was|are) "
            r"(?:now )?(?:working|solved|fixed|gone))\b"
        ),
        (
            r"\b(?:i|we)(?:['’]ve| have)? (?:finally |now |just |also )?(?:solved|fixed|figured (?:it|this|that) out|"
            r"got (?:it|this|that|\w+|\w+ \w+) (?:working|to work|running|to run)|managed to|succeeded|"
            r"found (?:a|the|my) (?:way|solution|fix|cause|reason|workaround|culprit))\b"
        ),
        r"\b(?:works?|working|worked|runs?|running) (?:fine|great|well|perfectly|nicely|smoothly|as expected|now)\b",
        r"\b(?:problem|issue|bug) (?:is |was )?(?:now )?(?:solved|gone|fixed|resolved)\b",
        r"\b(?:did|does|do) the (?:trick|job)\b",
        r"\binstead of (?:the |its |about )?(?:\d+|two|three|four|five|six|seven|eight|nine|ten)\b",
        r"\bfrom (?:\d[\d.,]*|two|three|four|five|six|seven|eight|nine|ten)\b.{0,30} (?:down )?to \d",
        r"\b(?:\d[\d.,]*|two|three|four|ten) ?(?:times|x|%|percent) (?:as )?(?:fast|quick|less|fewer|small|short)\w*",
    ),
    half_a_success=(
        (
            r"\b(?:until|but|only|unless|except|although|though|however|not|never|hardly|barely|almost|nearly|"
            r"would|should|if)\b"
        ),
    ),
    announces=(
        (
            r"\b(?:releas(?:e|ed|es|ing)|downloads?|version \d|v\d|available (?:now|on|at|from|here)|"
            r"pull request|merged|branch)\b"
        ),
    ),
    added_later=(r"^\W*(?:edit(?:ed)?|update[ds]?(?! (?:to|your|all|any|every)\b)|ps|p\.s\.)\b",),
    still_in_trouble=(
        (
            r"\b(?:did(?: not|n['’]t)|do(?:es)?(?: not|n['’]t)|not|never|won['’]t|can(?:not|['’]t)|"
            r"could(?: not|n['’]t)) (?:\w+ )?(?:work\w*|help\w*|run|fix\w*|solve\w*)\b"
        ),
        r"\b(?:no (?:luck|avail|difference|success)|in vain|made (?:it|things) worse|nothing (?:changed|happens?))\b",
        (
            r"\bstill (?:ha(?:ve|s|ving)|get(?:s|ting)?|see(?:s|ing)?|not?|a (?:few|bit|lot)|some|broken|crash\w*|"
            r"fail\w*|need\w*|the|trying|struggl\w*|unclear|unsure|looking|wonder\w*|don['’]t|do not|can['’]t|cannot)\b"
        ),
        (
            r"\b(?:spoke too soon|square one|gave up|given up|stuck|unfortunately|sadly|the (?:bad news|downside|"
            r"drawback))\b"
        ),
        (
            r"\b(?:not (?:quite |yet |really |fully |entirely )+(?:there|fixed|solved|done|ready|finished|right)|"
            r"work in progress|wip)\b"
        ),
        r"\b(?:another|new|other|next|remaining|only) (?:problem|issue|bug|trouble)s?\b",
        r"\b(?:for now|(?:is|are) not supported|will have to|(?:i|we) (?:still |will )?need to)\b",
    ),
    takes_back=(
        r"\b(?:i stand corrected|i (?:was|am) (?:wrong|mistaken)|i['’]m (?:wrong|mistaken)|my (?:mistake|bad|fault))\b",
        (
            r"\b(?:scratch that|ignore (?:my|what i|this|that)|forget (?:what i|it|this)|(?:please )?disregard|"
            r"never ?mind)\b"
        ),
        r"\b(?:that was wrong|i take (?:that|it) back|after all it|work(?:s|ed)? after all|i spoke too soon)\b",
        r"\b(?:goddamn\w*|this does(?:n['’]t| not) work at all)\b",
        r"\b(?:i misread|i misunderstood|i was confused|sorry for the (?:spam|noise))\b",
        r"\bstill (?:having (?:trouble|issues|problems)|not working|does(?:n['’]t| not) work)\b",
        r"^\W*(?:edit|update)\b\W.*\b(?:wrong|not (?:true|so)|no longer)\b|\bor not[.!,]",
    ),
    seeks_views=(
        (
            r"\b(?:feedback|let me know|(?:your|any|other|some) (?:thoughts?|opinions?|comments?|views|ideas?|"
            r"suggestions?|"
            r"input)|comments? (?:are |is )?(?:very )?welcome|(?:happy|glad|curious|interested) to (?:hear|know|"
            r"receive|see)|"
            r"(?:would|['’]d) (?:love|like|be happy) to (?:hear|know|receive|get)|please (?:test|try|review|tell|share|"
            r"check|comment|help|report)|what do you think|cross.?posting|tl;?dr)\b"
        ),
    ),
    contradicts=(
        (
            r"^\W*(?:no|nope|wrong|incorrect|not (?:true|quite|really|correct|exactly)|actually,? (?:no|that)|"
            r"i do(?: not|n['’]t) think so)\b"
        ),
        (
            r"\b(?:(?:that|this|it)(?:['’]s| is| was) (?:not (?:true|correct|right|quite|the case|how|really)|"
            r"wrong|incorrect|"
            r"false|a mistake|a bad idea|dangerous)|(?:isn['’]t|wasn['’]t) (?:true|correct|right|quite)|"
            r"you(?:['’]re| are) (?:wrong|mistaken|missing)|the exception|i disagree|i (?:don['’]t|"
            r"do not) (?:think|believe|"
            r"agree)|bad idea|not recommend\w*|flaw\w*|does not hold|doesn['’]t hold)\b"
        ),
    ),
    limits=(
        (
            r"^\W*(?:but|however|except|having said that|nevertheless|nonetheless|alas|turns out|or not|"
            r"unfortunately|sadly|that said|then again|still|although|though|yet|even so|only|"
            r"on the other hand|mind you|the (?:only )?(?:catch|downside|drawback|problem|exception|bad news)|"
            r"it (?:turns|turned) out|edit|update(?! (?:to|your|all|any|every)\b)|"
            r"not (?:that|everything)|nope|actually|in fact|note that|of course)\b"
        ),
    ),
    draws_lesson=(
        (
            r"^(?:what i (?:take|took|keep|kept|learned|learnt)|my (?:own )?(?:lesson|take.?away|rule|conclusion)|"
            r"(?:the )?lessons? (?:learned|learnt|for me|i)|next time,? (?:i|we)|from now on,? (?:i|we)|"
            r"i(?:['’]ve| have)? (?:learned|learnt) (?:that|to)|note to self)\b"
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
    blocker_tags=("blocker", "blocked", "stuck"),
    says_stuck=(
        r"^\W*(?:stuck|blocked)\b",
        r"\b(?:i am|i['’]m|we are|we['’]re|still) (?:completely |totally )?(?:stuck|blocked)\b",
    ),
    shares_trouble=(r"^\W*(?:same (?:here|problem|issue|question)|me too|mine too|us too|likewise|\+ ?1)\b",),
    trouble_over=(r"\b(?:solved|resolved|it works|works now|sorted|unblocked|found it)\b",),
    announced=(
        (
            r"^(?:what i (?:take|took|keep|kept|learned|learnt)|my (?:own )?(?:lesson|take.?away|rule|conclusion)|"
            r"(?:the )?lessons?(?: learned| learnt| for me)?|note to self)[^:,.]{0,20}[\s\u00a0]*: "
        ),
    ),
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
        r"\b(?:the others|both)\b",
        r"\bin question\b",
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
            r"(?:figure|find|get|make|seem)|i (?:would|['’]d) like to (?:know|ask|understand)|my question|help me|"
            r"i(?:['’]ve| have)(?: got)? (?:a|an|some|another) (?:\w+ )?(?:problem|issue|question|error)s?|"
            r"what (?:is|['’]s|am i doing) (?:wrong|the (?:correct|right|best|proper) way))\b"
        ),
    ),
    trouble_title=(
        (
            r"\b(?:problems?|trouble|errors?|help|fail(?:s|ed|ure|ing)?|crash(?:es|ed|ing)?|bugs?|issues?|broken|"
            r"stuck|"
            r"(?:does|do|is|are|did|was)(?: not|n['’]t)|can(?:not| not|['’]t)|won['’]t|not \w+(?:ed|ing)|exception|"
            r"missing)\b"
        ),
    ),
)


# English words that tell whether a sentence stands on its own.


READING = ReadingWords(
    opens_a_lean=listed(
        """
        it its it's that that's he she they him her them his hers their theirs such both either neither
        so but and or however also then therefore thus hence instead otherwise because which who whose same another
        others still yet nor though although whereas there here otherwise else plus besides meanwhile likewise
        similarly too
        """
    ),
    points_back=listed(
        """
        he she him her his hers they them their theirs it its above below former latter aforementioned said ditto
        he's she's they're they've they'll they'd he'd she'd he'll she'll it's it'd it'll
        """
    ),
    names_a_thing=listed("a an the my our your every each some any no one two three four five many several most all"),
    shows=(
        r"\b(?:(?<!writing )(?<!wrote )(?<!posting )(?<!sharing )this|these|those|such an?|one such|(?:about|after|"
        r"at|before|by|do|did|does|doing|for|from|handle|in|"
        r"like|"
        r"of|on|run|solve|than|to|use|using|with) that|that(?=[,.;:!?)]))\b(?! (?:week|month|year|time|way|morning|"
        r"evening|afternoon|"
        r"spring|summer|autumn|winter)\b) ?(?P<what>[\w-]*)"
    ),
    points_out=(
        "in this post",
        "in this thread",
        "after i read this",
        "somebody wrote here",
        "someone wrote here",
        "what you describe",
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
        "from there",
        "as such,",
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
        congratulations agreed exactly indeed right sure great nice cool awesome please btw fyi anyway ps
        good bravo well
        """
    ),
    withdrawn=(
        r"^\W*(?:(?:edit|update)\W+)?(?:withdrawn|retracted|superseded|obsolete|outdated|never ?mind|nvm|"
        r"ignore (?:this|"
        r"my)|(?:please )?disregard|(?:this|my \w+|the \w+ below) (?:is|was) (?:wrong|incorrect|mistaken|flawed|"
        r"broken|"
        r"outdated|obsolete))\b"
    ),
    presents=(
        r"\b(?:tl;?dr|in short|in summary|to sum up|(?:i|we)(?:'ve| have)? (?:just |now |recently |also |finally )?"
        r"(?:made|built|wrote|created|released|implemented|published|merged|fixed|finished|found|discovered|measured|"
        r"propose|proposed|present|introduce|describe|recommend|suggest|compared|tested|ported|solved)|"
        r"(?:i|we)(?:'d| would) like to (?:share|propose|present|introduce)|i want(?:ed)? to (?:share|propose|"
        r"present)|"
        r"(?:this|the) (?:post|proposal|document|write-?up|article|report|library|tool|release|patch|change|version) "
        r"(?:defines|describes|proposes|introduces|presents|explains|adds|fixes|includes|contains)|"
        r"the (?:main |key |basic |core )?idea is|(?:is|are) vulnerable|(?:please )?(?:update|upgrade) to|"
        r"is now (?:available|released|out)|"
        r"(?:has|have) (?:just )?been (?:released|merged|fixed|published)|is a (?:\w+ ){0,3}(?:tool|library|game|"
        r"protocol|proposal|script|plugin|add-?on|scheme|method|attack|algorithm|extension))\b"
    ),
    advises=(
        r"\byou (?:can|could|should|may want to|might want to|need to|have to|must)\b|"
        r"^(?:make sure|ask|try|keep|let|put|start|stop|take|write|give|name|use|do not|don't|never|always|avoid)\b"
    ),
    says_what_it_is=(
        r"(?:is|are|lets?|allows?|enables?|makes?|gives?|provides?|supports?|improves?|contains?|fix(?:es)?|"
        r"solves?|reduces?|adds?|can|could|will|would|should|has|have)\b"
    ),
    points_back_to_somebody=listed("he she him her his hers he's she's he'd she'd he'll she'll"),
    brings_somebody_in=listed("a an my our one two three every each somebody someone everybody everyone"),
    points_back_to_many=listed("they them their theirs they're they've they'll they'd"),
    no_pointers=(
        r"\b(?:and|or) (?:below|above|earlier|later|older|newer)\b|"
        r"\b(?:mak(?:e|es|ing)|made|find|finds|found|think|thinks|consider) it (?=\w+ (?:to|for|that)\b)|"
        r"\bit(?:'s| is| was| would be| will be| can be| may be| might be| seems| becomes| turns out)"
        r"(?: \w+)? (?:possible|impossible|important|useful|worth|easy|easier|hard|harder|difficult|likely|unlikely|"
        r"better|best|necessary|safe|common|enough|true|clear|helpful|good|wise|advisable)"
        r"(?= (?:to|that|for|if|when|not)\b)"
    ),
    itself=(
        r"^this is (?:an? |the |my )|\bthis (?:release|post|proposal|document|article|bip|paper|tool|library|"
        r"write-?up|"
        r"version|survey|series|project|report|letter|note|guide|tutorial|game|sample|patch|pull request|pr|topic|"
        r"thread|work|blog post|idea|effort|summary|scheme|approach|method)\b"
    ),
    doubts=(
        Doubt(
            r"\b(?:(?<!writing )(?<!wrote )(?<!posting )(?<!sharing )this|these|those)\b(?! (?:week|month|year|time|"
            r"way|morning|evening|afternoon|spring|summer|autumn|"
            r"winter)\b)",
            WEAK,
        ),
        Doubt(
            r"\b(?:from|of|in|with|for|to|at|on|about|like|got|do|did|does|is|was|than|doing|after|before|by|using|"
            r"see|"
            r"handle|solve) that\b",
            WEAK,
        ),
        Doubt(r"\b(?:it|its|it's|they|them|their|theirs|he|him|his|she|her|hers)\b", WEAK),
        Doubt(r"\b(?:and )?(?:so on|etc|et cetera|whatever|stuff|somehow|something like|or something)\b", WEAK),
        Doubt(  # to one person
            r"\b(?:you(?:'re| are) (?:aware|right|using|trying|doing|getting|missing|referring|"
            r"describing|proposing|suggesting|asking|saying)|you (?:got|said|"
            r"mean|mention|indicated|gave|proposed|suggested|reported|"
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
            r"last|only|other|second|third) |the (?:difference|latter|former)\b|maybe|perhaps|probably|"
            r"hopefully|unfortunately|fortunately|let me|let's|"
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
            r"posts? (?:down|up)|previously|(?:mentioned|said|discussed|posted|noted|described|shown|proposed) earlier|"
            r"earlier (?:in|on|post|posts|proposal|version|thread|i|we|you|today)|afaik|imho|"
            r"imo|tbh|btw)\b",
            anywhere=True,
        ),
        Doubt(  # a caption without its picture, and what comes after the passage
            r"\b(?:on the (?:left|right)|(?:upper|lower|top|bottom) (?:left|right)|the following|as follows)\b|"
            r"^below,|\bbelow,? (?:we|i|you)\b|"
            r"\bi(?:'ve| have) been (?:wishing for|longing for|thinking (?:a lot )?about)\b",
            SEVERE,
            anywhere=True,
        ),
        Doubt(r"^(?:there(?:'s| is) (?:one|an|another|only one) |(?:all|any|most|some) others? )|\bthough\W*$"),
        Doubt(r"\bi (?:guess|don't know|dont know|do not know|have no idea)\b", anywhere=True),
        Doubt(
            r"\b(?:fig(?:ure)?s?\.? ?\d|(?:the|a) same (?:issue|problem|error|thing)s?|before that)\b", anywhere=True
        ),
        Doubt(r"(?:\.{2,}|…|!)['\"”’»)]*$", anywhere=True),
        Doubt(
            r"\b(?:otherwise|instead|either|though|too|as well|yet|anymore|then)[.]$|\b(?:otherwise|in that regard)\b"
        ),
        Doubt(r"\bthe (?:original|other|others|second|latter|former|rest|one|ones|same one|whole thing|thing)\b"),
        Doubt(  # a sentence without its subject, as people write who answer in passing
            r"^(?:doesn't|does not|didn't|did not|isn't|wasn't|can't|couldn't|won't|wouldn't|shouldn't|haven't|"
            r"hasn't|"
            r"hope|sounds|already|tested|fixed|found|tried|used to|apparently, \w+ (?:include|are|is|have|has)|"
            r"example for|just (?:noticed|saw|found|wanted|tried)|let [a-z]{1,2} be)\b|"
            r"^you (?:seem|appear|sound)\b|^i (?:should|might|may|could) (?:probably|also|just|maybe|try)\b",
            SEVERE,
        ),
        Doubt(  # what it speaks of is what was asked
            r"^the (?:process|idea|point|goal|reason|trick|requirement|answer|result|catch|issue|problem) (?:here |"
            r"there )?"
            r"(?:is|was)\b|\b(?:as|like|than) you\b(?! (?:can|may|might|want|like|need|go|wish|see|would|write|read|"
            r"add|"
            r"do|did)\b)",
            anywhere=True,
            replies=True,
        ),
        Doubt(  # a preamble: where the text comes from, what it is going to do
            r"^after (?:several|many|some|a few) \w+ of\b|"
            r"^as (?:(?:we|i|you|they|it|some|many|most) \w+|(?:stated|explained|mentioned|described|discussed|noted|"
            r"said|promised|requested|shown|seen)\b)|^(?:below|above|previously|historical(?:ly)?|following)\b|"
            r"\b(?:copied|cross-?post(?:ed|ing)?|re-?posted|reproduced here|(?:from|on|to) the mailing list|"
            r"(?:was|were|been) (?:recently )?asked|out of curiosity|starting (?:this|a) (?:thread|topic)|"
            r"(?:we|i)(?:'ll| will| am going to|'m going to| am| 'm)? (?:now |first |briefly |also |then )?"
            r"(?:discuss|summari[sz]e|cover|go through|walk through|outline)|"
            r"(?:post|section|article|document|series) (?:will|is going to) (?:cover|discuss|describe|contain))\b",
            SEVERE,
        ),
        Doubt(  # what follows from something said before
            r"^(?:as (?:a |an )?(?:result|consequence)|consequently|for (?:that|this) reason|to (?:that|this) end|"
            r"conversely|by contrast|in (?:that|this|such a) case|above:|below:)\b",
            SEVERE,
        ),
        Doubt(r"\b(?:it|that|this|them|those|these)[.!]$", replies=True),
        Doubt(  # nothing but how it goes for the author
            r"\bi (?:do not|don't|didn't|did not|never|haven't|have not|have never)(?: have| had| seen| experienced)* "
            r"(?:any |no |such )*(?:issues?|problems?|troubles?)\b|\bworks (?:fine |well |great )?(?:for me|here)\b",
            SEVERE,
            anywhere=True,
        ),
        Doubt(r"^(?:very|super|really|such a|what an?|(?:i )?(?:really )?(?:like|love))\b"),  # praise
        Doubt(r"\b(?:alice|bob|carol|dave)\b", anywhere=True, replies=True),  # an example that goes on
        Doubt(  # what is left to be done, and hopes
            r"\bi (?:hope|plan|intend|wish)\b|\bhopefully\b|\b(?:currently|so far),? i(?:'ve| have)\b",
            anywhere=True,
        ),
        Doubt(r"^you(?:'re| are) welcome\b", NEVER),
        Doubt(
            r"^(?:about|regarding|re|on|to|for|as to) \d|"
            r"\bboth (?:to|of|are|is|were|have|had|can|will|work|do)\b|\bboth[,.;]",
            SEVERE,
        ),
        Doubt(r"\b(?:my|the|your|our|his|her|their) \w+ (?:above|below)\b", SEVERE, anywhere=True),
        Doubt(  # it announces what the quotation does not show
            r"\b(?:figure|chart|graph|plot|diagram|table)s? (?:below|above|shows?)\b|^(?:for (?:example|instance)|"
            r"e\.g\.|"
            r"in other words|in the mean ?time|meanwhile|at that (?:time|point)|in part because|true|step \d|"
            r"first(?:ly)?|"
            r"second(?:ly)?|third(?:ly)?)\b|\b(?:are|is|was|were|comes?|follows?|listed|given|found|written|"
            r"quoted) (?:\w+ )?(?:below|above)\b|"
            r"\b(?:sketch(?:es)?|mock-?ups?|drawings?|attachment)\b",
            SEVERE,
            anywhere=True,
        ),
        Doubt(  # who asks the readers for something, without a question mark
            r"\b(?:(?:i am|i'm|i was|was|am) (?:just )?curious|(?:i'd|i would|i wanted|i want|i'm looking|"
            r"i am looking)"
            r"(?: like| love)? (?:to (?:know|understand|hear|ask|get|gather)|for) (?:\w+ )?(?:feedback|comments?|"
            r"opinions?|advice|help|if|how|"
            r"what|why|whether|some|your)|(?:could|would|can) you (?:please )?\w+|any (?:feedback|ideas?|thoughts|"
            r"suggestions?|help|comments?)|i was under the impression|feedback (?:is|would be)|feel free to|"
            r"please (?:reply|comment|share|tell)|let me ask)\b",
            SEVERE,
            anywhere=True,
        ),
        Doubt(  # who does not know
            r"\bi(?:'m| am) (?:not (?:too |very |really |so |entirely |quite )?(?:sure|certain|familiar|convinced)|"
            r"unsure)|"
            r"\bi (?:have no idea|don't (?:quite |really )?know|do not know|don't remember|haven't (?:used|tried|"
            r"tested))|"
            r"\bi(?:'d| would) have expected|\bdon't quote me\b|\bi(?: was|'m| am)? wonder(?:ing)?\b|"
            r"\bi wanted to know\b|"
            r"\bjust in case i\b|\bi (?:might|may) (?:miss|be (?:wrong|missing|mistaken))\b|\benough for me\b|"
            r"\bnot that i know\b|\bas far as i know\b",
            anywhere=True,
        ),
        Doubt(  # anger, jokes, compliments
            r"\b(?:disappoint\w*|annoy\w*|wast(?:e|ing) (?:my|your|of) time|can't stand|can not stand|"
            r"i (?:really )?(?:do not|"
            r"don't) like|hate|stupid|complete mess|how bad|superiority|ego|your (?:attitude|tone|behaviou?r)|"
            r"idiot\w*|dumb\w*|ridiculous|nonsense|bullshit|crap|damn|shit|"
            r"fuck\w*|wtf|lol|haha\w*|"
            r"hehe|"
            r"lmao|rofl|wild.?assed|psychotic|bleah\w*|shit ?post\w*|joking|kidding|brave enough|cry to|i must say|"
            r"i definitely think|shut up|"
            r"troll\w*|whin(?:e|"
            r"ing)|"
            r"complain(?:s|ed|ing)?|accus(?:e|es|ed|ing)|hypocri\w+|double.standards?|(?:don't|do not) argue|"
            r"wouldn't argue|good luck|keep up|looks? (?:great|nice|good|"
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


# Words from which titles are made, and by which they are judged, in English.


HEADINGS = HeadingWords(
    did=(
        r"^(?:[^,.;:]{3,60}, )?(?:(?:On|Last|This|Every|The next|Yesterday) ?\w* )?I "
        r"(?:just |then |now |first |also |simply |finally )?(?P<verb>[a-z]+) (?P<rest>.*)"
    ),
    past=listed(
        """
        added agreed announced asked assigned blocked booked brought called changed checked chose closed copied
        counted cut delegated described drafted drew dropped explained gave handed held invited kept left let
        limited listed listened made met moved named noted offered opened paused picked planned practised
        praised prepared printed promised proposed put reduced rehearsed removed repeated replaced rewrote said
        sat scheduled sent set shared showed spent split spoke started stopped swapped switched thanked told
        took tried used waited wrote
        """
    ),
    deed="{verb} {rest}",
    theirs={"my": "their"},
    second_deed=(
        r"(?:,| and| then) "
        r"(?:\w+ed|cut|gave|got|had|kept|left|let|made|put|said|sent|told|took|was|went|were|wrote)\b.*"
    ),
    no_deed=r"\w+ (?:is|are|was|were|has|have|be)\b|\w+ \w+s (?:use|need|work|do|can|will|get)\b|use to\b",
    vague=(
        r"the number|it|you|similar|both|this|that|these|those|them|they|their|again|he|she|him|her|his|hers|"
        r"i|me|my|myself|"
        r"himself|herself|themselves|we|us|our|ones|there|here|its|(?<!the )same|above|below|following|something|"
        r"stuff|"
        r"thing|things|said|like|maybe|probably|please"
    ),
    ends="because|since|so that|so|and then|but|which|or else|instead of|rather than",
    soft_ends="and|to|or|when|if|before|after|while|until|where|with|for",
    joins="and|or",
    dangling=("the|a|an|of|to|for|in|on|at|by|with|and|or|as|your|from|into|that|if|when|is|are|be|some|any|how|what"),
    weekdays=(
        r"\b(?:on )?(?:last |next )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?: (?:morning|afternoon|evening))?\b"
    ),
    openers=listed(
        """
        a after an by eight five four in nine no nobody of on one our seven since six ten the this those three
        two
        """
    ),
    own="i|me|my|mine|we|our|us|she|he|her|his|him|they|them",
    empty=listed(
        """
        about above after again also although always another anybody anyone anything around because been before
        being both cannot could does doing done each else even ever every everyone from gets getting give going
        good have having hello help here high hope however into issue just keep know like little look made make
        makes many maybe mean might more most much must need needs never next only other over please problem
        question really right same seem seems should since solved some someone something still such sure take
        than thank thanks that their them then there these they thing things think this those through time tried
        trying under until used uses using very want wants ways well were what when where which while will wish
        with without work working works would your yours
        """
    ),
    lead_in=(
        "well|so|also|ok|okay|yes|yeah|no|ah|oh|actually|basically|btw|fyi|anyway|personally|hi|hello|hey|thanks|and|but|"
        "however|still|though|that said|now|in fact|for instance|for example|verified|first|edit|update"
    ),
    lead_in_to="all|everyone|guys|there",
    lead_word=r"and|but|so(?! far\b)|also|then|however",
    clause_joins="and|but|so|because|which",
    hanging=("it|this|that|there|these|those|they|he|she|him|her|them|or|which|there|same|both|neither"),
)
