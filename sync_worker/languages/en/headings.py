"""Words from which titles are made, and by which they are judged, in English."""

from __future__ import annotations

from sync_worker.languages.heading_words import HeadingWords, listed

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
        r"the number|it|you|similar|both|this|that|these|those|them|they|he|she|him|her|his|hers|i|me|my|myself|"
        r"himself|herself|themselves|we|us|our|ones|there|here|its|(?<!the )same|above|below|following|something|stuff|"
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
