"""How people say yes and no in English."""

from __future__ import annotations

from sync_worker.languages.answer_words import AnswerWords

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
