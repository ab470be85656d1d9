"""Words that headings and quotes are judged by, English and French."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(text: str) -> dict[str, str]:
    return {one: other for one, _, other in (pair.partition(":") for pair in text.split())}


# English verbs in the past tense, as people tell what they did, with their base.
PAST = _pairs(
    """
    added:add agreed:agree announced:announce asked:ask assigned:assign blocked:block booked:book brought:bring
    called:call changed:change checked:check chose:choose closed:close copied:copy counted:count cut:cut
    delegated:delegate described:describe drafted:draft drew:draw dropped:drop explained:explain gave:give
    handed:hand held:hold invited:invite kept:keep left:leave let:let limited:limit listed:list listened:listen
    made:make met:meet moved:move named:name noted:note offered:offer opened:open paused:pause picked:pick
    planned:plan practised:practise praised:praise prepared:prepare printed:print promised:promise
    proposed:propose put:put reduced:reduce rehearsed:rehearse removed:remove repeated:repeat replaced:replace
    rewrote:rewrite said:say sat:sit scheduled:schedule sent:send set:set shared:share showed:show spent:spend
    split:split spoke:speak started:start stopped:stop swapped:swap switched:switch thanked:thank told:tell
    took:take tried:try used:use waited:wait wrote:write
    """
)


# French participles that do not end in é.
FRENCH_PAST = _pairs(
    """
    attendu:attendre choisi:choisir dit:dire défini:définir fait:faire fini:finir lu:lire mis:mettre
    offert:offrir ouvert:ouvrir pris:prendre promis:promettre remis:remettre rendu:rendre réduit:réduire
    réparti:répartir répondu:répondre réuni:réunir réécrit:réécrire suivi:suivre tenu:tenir transmis:transmettre
    écrit:écrire
    """
)
# Words that lose their capital after a colon; others may be names.
ARTICLES = _words(
    """
    one four five six seven eight nine ten no une un quatre cinq six sept huit neuf dix
    a after an au by ce cette chaque dans depuis des deux en il in l la le les nobody nos notre of on our since sur the
    this those three trois two un une
    """
)
# Words that say nothing about what a text is about.
EMPTY = _words(
    """
    about above after again alors also although always another anybody anyone anything around aussi autre avant
    avec avoir because been before being bien both cannot cela celle celui ceux chaque comme comment could dans
    depuis deux does doing doit donc done each elle elles else encore entre even ever every everyone faire fait
    faut from gets getting give going good have having hello help here high hope however into issue just keep
    know leur leurs like little look made mais make makes many maybe mean merci mieux might moins more most much
    must même need needs never next notre nous only other over parce pendant peut please plus pour pourquoi
    problem quand quel quelle quelles quels question really right same sans seem seems sera seulement should
    since solved some someone something sont sous still such suis sure take than thank thanks that their them
    then there these they thing things think this those through time tous tout toute toutes tried trop trying
    très under until used uses using very votre vous want wants ways well were what when where which while will
    wish with without work working works would your yours était être
    """
)
