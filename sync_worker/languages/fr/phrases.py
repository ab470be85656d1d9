"""How French counts, dates, quotes and elides; its sentences of roundups and stories; how people say yes and no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.languages.language import NBSP, Language, capital
from sync_worker.languages.phrases import MANY_DAYS, Phrases, Place
from sync_worker.languages.words import AnswerWords, ProposalWords, RuleWords, listed
from sync_worker.wording import Markdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.languages.phrases import Counts, Exchange, Pointer


GRAMMAR = Language(
    code="fr",
    numbers=("aucun", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    nouns={
        "person": ("personne", "personnes"),
        "other person": ("autre personne", "autres personnes"),
        "minute": ("minute", "minutes"),
        "hour": ("heure", "heures"),
        "day": ("jour", "jours"),
        "week": ("semaine", "semaines"),
        "post": ("message", "messages"),
        "topic": ("sujet", "sujets"),
        "question": ("question", "questions"),
        "reply": ("réponse", "réponses"),
        "picture": ("image", "images"),
        "video": ("vidéo", "vidéos"),
        "link": ("lien", "liens"),
    },
    feminine=frozenset({"person", "other person", "minute", "hour", "week", "question", "reply", "picture", "video"}),
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    conjunction="et",
    quotes=(f"«{NBSP}", f"{NBSP}»"),
    inner_quotes=("“", "”"),
    thousands="\u202f",
    one_day="le {day}",
    within_a_month="du {first} au {last}",
    over_months="du {first} au {last}",
    full_hour="{hour}\u00a0h",
    clock_time="{hour}\u00a0h\u00a0{minute:02}",
    colon=f"{NBSP}:",
    semicolon=f"{NBSP};",
    first_of_month="1er",
    zero_is_singular=True,
    feminine_one="une",
)  # fmt: skip


# The sentences of roundups and stories in French.


class FrenchPhrases(Phrases):
    """Le français d’un collègue, sans accord qui supposerait un genre."""

    language = GRAMMAR
    within = "dans"
    of_a_longer_post = "extrait d’[un message plus long]({address})"
    in_this_post = "dans [ce message]({address})"
    in_reply_to = "en réponse à"
    in_a_topic_of = "dans un sujet de"

    def solved(self, days: int) -> str:
        """Return « la question attendait depuis neuf jours, la voilà réglée »."""
        if days < 1:
            return "la question a trouvé sa réponse en moins d’un jour"
        if days == 1:
            return "la question a trouvé sa réponse en moins de deux jours"
        return f"la question attendait depuis {self.language.count(days, 'day')}, la voilà réglée"

    def solved_own(self, author: str, days: int) -> str:
        """Return « Ana a posé la question, puis a partagé la réponse »."""
        if not 1 < days <= MANY_DAYS:
            return f"{author} a posé la question, puis a partagé la réponse"
        return f"{author} a posé la question, puis rapporté la réponse {self.language.count(days, 'day')} plus tard"

    def came_back(self, author: str, days: int, address: str) -> Markdown:
        """Return « **Ana** a posé la question, puis a rapporté [la réponse](adresse) neuf jours plus tard. »."""
        later = "" if not 1 < days <= MANY_DAYS else f" {self.language.count(days, 'day')} plus tard"
        return Markdown(f"**{author}** a posé la question, puis a rapporté [la réponse]({address}){later}.")

    def received(self, likes: int, replies: int) -> str:
        """Return « quatre personnes ont aimé ce message, deux y ont répondu »."""
        if not replies:
            return f"{self._people(likes)} aimé ce message"
        if not likes:
            return f"{self._people(replies)} répondu"
        verb = "y a répondu" if replies == 1 else "y ont répondu"
        return f"{self._people(likes)} aimé ce message, {self.language.number(replies, 'person')} {verb}"

    def pointer(self, post: Pointer) -> Markdown:
        """Return « **Paul** a répondu à [**Ana**](…) en [environ 200 mots](…), avec du code et deux images. »."""
        length = f"[environ {self.language.digits(post.words)} mots]" if post.words else "[quelques lignes]"
        if post.place is Place.OPENS:
            beside = self.language.listing([f"{length}({post.address})", *self._things(post.shown)])
            return Markdown(f"**{post.author}** a ouvert ce sujet par {beside}.")
        beside = f", avec {self.language.listing(self._things(post.shown))}" if post.shown else ""
        if post.place is Place.GOES_ON:
            opened = f"a ouvert ce sujet le {post.opened} et y a ajouté cette semaine" if post.opened else "a ajouté"
            return Markdown(f"**{post.author}** {opened} {length}({post.address}){beside}.")
        replied = f"a répondu à {post.to} en" if post.to else "a répondu en"
        return Markdown(f"**{post.author}** {replied} {length}({post.address}){beside}.")

    def showing(self, author: str, address: str, shown: Mapping[str, int]) -> Markdown:
        """Return « **Paul** a publié [deux images](adresse). »."""
        return Markdown(f"**{author}** a publié [{self.language.listing(self._things(shown))}]({address}).")

    def _things(self, shown: Mapping[str, int]) -> list[str]:
        return ["du code" if kind == "code" else self.language.count(number, kind) for kind, number in shown.items()]

    going_on = (
        (
            (
                "{opener} a ouvert ce sujet le {day}\u00a0; cette semaine, "
                "la discussion s’est poursuivie en {posts}, avec {together}."
            ),
            "{opener} a ouvert ce sujet le {day}\u00a0; {posts} s’y sont ajoutés cette semaine, écrits par {together}.",
        ),
        (
            "Ce sujet, ouvert le {day} par {opener}, s’est poursuivi cette semaine en {posts}, avec {together}.",
            "À ce sujet, ouvert le {day} par {opener}, se sont ajoutés cette semaine {posts}, écrits par {together}.",
        ),
        (
            "{Posts} cette semaine, écrits par {together} et par {opener}, qui a ouvert ce sujet le {day}.",
            "{Posts} cette semaine, écrits par {together}, dans ce sujet ouvert le {day} par {opener}.",
        ),
    )

    def replies(self, exchange: Exchange, address: str) -> Markdown:
        """Return « [**Paul**](…) et deux autres personnes y ont répondu en [cinq messages](…). »."""
        posts, has = self.language.count(exchange.posts, "post"), _has(exchange.people)
        if exchange.joined:
            joined = f"{capital(self.together(exchange))} {has} pris part à la discussion"
            return Markdown(f"{joined}{NBSP}; [{posts}]({address}) ont suivi.")
        told = f"répondu en [{posts}]({address})"
        if exchange.posts == exchange.people:
            told = f"[répondu]({address})" if exchange.others else "répondu"  # chaque nom mène à son message
        return Markdown(f"{capital(self.together(exchange))} y {has} {told}.")

    def liked(self, author: str, likes: int, address: str) -> Markdown:
        """Return « Trois personnes ont aimé [ce qu’a écrit **Ana**](adresse). »."""
        return Markdown(f"{capital(self._people(likes))} aimé [ce qu’a écrit **{author}**]({address}).")

    def asked_and_answered(self, exchange: Exchange, question: str, answer: str) -> Markdown:
        """Return « **Ana** [a posé la question](adresse), et [la réponse est ici](adresse). »."""
        replied = f"{self.together(exchange)} {_has(exchange.people)} répondu"
        found = f"[la réponse est ici]({answer})" if answer else replied
        return Markdown(f"**{exchange.opener}** [a posé la question]({question}), et {found}.")

    def about(self, title: str, *, asks: bool, solved: bool) -> Markdown:
        """Return « Réglé : Le planning », « Une réponse à “Par où commencer ?” » ou « À propos de “Le planning” »."""
        if solved:
            return Markdown(f"Réglé{NBSP}: {title}")
        return Markdown(f"{'Une réponse à' if asks else 'À propos de'} {self.language.quoted(title)}")

    def about_prompt(self, author: str, title: str) -> Markdown:
        """Return « Ana, à propos de “Une chose à arrêter” »."""
        return Markdown(f"{author}, à propos de {self.language.quoted(title)}")

    def in_a_conversation(self, author: str) -> Markdown:
        """Return « Ce qu’a écrit Ana »."""
        return Markdown(f"Ce qu’a écrit {author}")

    def tells(self, name: str) -> str:
        """Return « Ce que raconte Ana »."""
        return f"Ce que raconte {name}"

    def opening(self, subjects: Sequence[str], voices: int) -> Markdown:
        """Return « La conversation de la semaine a réuni sept personnes : A. À lire aussi : B et C. »."""
        first, *others = subjects
        if not voices:
            return Markdown(f"À lire cette semaine{NBSP}: {self.language.listing(subjects)}.")
        people = self.language.count(voices, "person")
        opening = f"La conversation de la semaine a réuni {people}{NBSP}: {first}."
        if others:
            opening += f" À lire aussi{NBSP}: {self.language.listing(others)}."
        return Markdown(opening)

    def asked(self, days: int, author: str) -> str:
        """Return « question posée il y a neuf jours par Ana »."""
        when = {0: "aujourd’hui", 1: "hier"}.get(days, f"il y a {self.language.count(days, 'day')}")
        return f"question posée {when} par {author}"

    def call(self, name: str | None, known_for: str | None, turn: int = 0) -> str:
        """Return « Paul, vous avez répondu à une question voisine dans [Titre](adresse) : … ? »."""
        if name is None:
            calls = (
                "Une réponse, même incomplète, rendrait service.",
                "Quelques lignes suffisent pour commencer.",
                "Une première idée aiderait déjà.",
            )
            return calls[turn % len(calls)]
        return f"{name}, vous avez répondu à une question voisine dans {known_for}{NBSP}: auriez-vous une piste{NBSP}?"

    def nothing_left(self) -> str:
        """Return that sentence."""
        return "Ce qui se trouvait ici n’est plus affiché."

    def first_time(self, names: Sequence[str]) -> Markdown:
        """Return « Ana et Ben ont écrit ici pour la première fois. »."""
        verb = "a" if len(names) == 1 else "ont"
        return Markdown(f"{self.language.listing(names)} {verb} écrit ici pour la première fois.")

    def numbers(self, counts: Counts) -> str:
        """Return « En chiffres : 84 messages de 31 personnes dans 22 sujets, cinq questions résolues. »."""
        posts = self.language.count_digits(counts.posts, "post")
        people = self.language.count_digits(counts.people, "person")
        topics = self.language.count_digits(counts.topics, "topic")
        line = f"En chiffres{NBSP}: {posts}, {people}, {topics}"
        if counts.answered:
            solved = "résolue" if counts.answered == 1 else "résolues"
            line += f", {self.language.count(counts.answered, 'question')} {solved}"
        return f"{line}."

    def _people(self, count: int) -> str:
        return f"{self.language.count(count, 'person')} {'ont' if count > 1 else 'a'}"


def _has(people: int) -> str:
    return "a" if people == 1 else "ont"


PHRASES = FrenchPhrases()


# How people say yes and no in French.


_SHOW = "(montrer|utiliser|partager|publier|raconter)"
_IT = "(ce message|mon message|cette histoire|mon histoire|mon récit|ce récit)"
_TO_ALL = "(| à tous| à toutes et à tous| à tout le monde)"

ANSWERS = AnswerWords(
    yes=(
        "oui(| volontiers| bien sûr| tout à fait| absolument| merci)",
        "(bien sûr|bien sûr que oui|bien entendu|évidemment|certainement|absolument|tout à fait)",
        "(volontiers|très volontiers|avec plaisir|avec grand plaisir|avec joie)",
        "(vous pouvez|tu peux)",
        f"(vous pouvez|tu peux) (le |la |){_SHOW}{_TO_ALL}",
        f"(vous pouvez|tu peux) l'utiliser{_TO_ALL}",
        f"(vous pouvez|tu peux) {_SHOW} {_IT}{_TO_ALL}",
        "(allez-y|vas-y|allez y|vas y|faites donc|montrez-le|publiez-le|utilisez-le)",
        "(je suis |)d'accord pour que vous (le |la |l')(montriez|publiiez|partagiez|utilisiez)",
        "je suis (d'accord|tout à fait d'accord)",
        "(vous avez|tu as) mon accord",
        "je (vous |)donne mon accord",
        "j'accepte(| volontiers| avec plaisir)",
        "(|cela |ça )ne me (dérange|gêne) pas(| du tout)",
        "(pas de|aucun|sans|sans aucun) (problème|souci) pour moi",
        "(pas d'|aucune |je n'ai pas d'|je n'ai aucune )objection",
        "(je n'y vois |)(pas d'|aucun )inconvénient",
        "(cela|ça) me (ferait|fera) (|très |grand )plaisir",
        "(cela|ça) me (va|convient)(| très bien| bien| parfaitement)",
        "c'est (d'accord|ok|oui)(| pour moi)",
        "(d'accord|ok) pour moi",
        "ce serait avec plaisir",
    ),
    assent=(
        "(d'accord|ok|okay|ça marche|c'est entendu)",
        "c'est (bon|parfait|très bien) pour moi",
    ),
    praise=("(|c'est )(parfait|très bien)", "(pas de|aucun|sans|sans aucun) (problème|souci)"),
    courtesy=(
        "merci(| beaucoup| bien| à vous| encore| infiniment)(| de demander| de me le demander| de votre message)",
        "(s'il vous plaît|s'il te plaît)",
        "(|bien )(cordialement|amicalement)",
        "(belle|bonne) (journée|soirée|semaine)(| à vous| à tous)",
        "bon week-end",
        "bien à vous",
    ),
    greetings=(
        "(bonjour|bonsoir|salut|coucou)(| à tous| à toutes| à toutes et à tous)",
        "(chère|cher)",
        "(je vous en prie|je t'en prie|de rien)",
    ),
    no=(
        "non(| merci| désolé| désolée| désolé merci| pas du tout)",
        "(surtout pas|jamais|jamais de la vie)",
        "(non |)pas (celui-ci|celle-ci|ça|cela|cette fois|pour moi|moi)",
        "(non |)(plutôt pas|je préfère pas|je préfère que non|je préférerais pas)",
        "(non |)(je refuse|je ne suis pas d'accord|je ne préfère pas|je préfère ne pas|je n'aimerais pas)",
        "(ma réponse est|c'est) non",
        "(je ne le|je ne) (souhaite|veux) pas",
    ),
    refusals=(
        "(non |)je préfère que (cela|ça|ce message|mon message) (reste|ne)",
        "(non |)je préfère (ne pas|m'abstenir|refuser)",
        "(non |)je ne (souhaite|veux|voudrais) pas",
        "(non |)ne (le|la|l') (montrez|publiez|partagez|utilisez) pas",
        "(non |)merci de ne pas (le|la|les|montrer|publier|partager|utiliser)",
        "je retire mon (accord|oui)",
        "(retirez|supprimez|effacez)-(le|la)",
        "(retirez|supprimez|effacez) (ce récit|mon récit|cette histoire|mon histoire|mon message|ce message)",
    ),
    hedges=(
        "mais si sauf sans seulement pourvu condition hormis avant apres d'abord changer changez modifier "
        "modifiez peut-etre toutefois cependant sinon tant anonyme anonymement attendez attendre pourquoi "
        "quoi qui quand comment oui ouais ok d'accord volontiers plaisir probleme souci"
    ),
    never_names=(
        "nan nenni aucun aucune personne rien guere bof apres des une fois demain aujourd'hui bientôt lundi mardi "
        "mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre octobre "
        "novembre decembre sous reserve moyennant uniquement partiellement presque moitie prive interne stop annulez "
        "retirez supprimez effacez enlevez oubliez ignorez attente relire relecture lu vu recu note"
    ),
)


# How the verdict of a rule is told in French.


RULES = RuleWords(
    words={
        "week": "semaine du parcours",
        "days_since_start": "jours depuis le premier jour",
        "days_to_end": "jours avant le dernier jour",
        "learners": "apprenants de la cohorte",
        "lcms": "LCM de la cohorte",
        "writers_7_days": "apprenants qui ont écrit ces 7 derniers jours",
        "language": "langue de la cohorte",
        "today": "date du jour",
        "start": "premier jour de la cohorte",
        "end": "dernier jour de la cohorte",
        "role": "rôle",
        "username": "nom d’utilisateur",
        "days_in_cohort": "jours dans la cohorte",
        "unseen_days": "jours depuis la dernière visite",
        "quiet_days": "jours sans message",
        "posts": "messages écrits",
        "posts_7_days": "messages ces 7 derniers jours",
        "posts_28_days": "messages ces 28 derniers jours",
        "days_active": "jours d’activité sur les 28 derniers",
        "posts_read": "messages lus ces 28 derniers jours",
        "replies_given": "réponses données",
        "replies_received": "réponses reçues",
        "likes_given": "«\u00a0j’aime\u00a0» donnés",
        "likes_received": "«\u00a0j’aime\u00a0» reçus",
        "open_tasks": "travaux sans réponse",
        "done": "étape «\u00a0{step}\u00a0» faite",
        "answers": "apprenants qui ont répondu à «\u00a0{step}\u00a0»",
        "answered": "a répondu à «\u00a0{step}\u00a0»",
    },
    fact="{name}",
    comparisons={
        "equals": "{wanted}",
        "not_equals": "tout sauf {wanted}",
        "below": "moins de {wanted}",
        "above": "plus de {wanted}",
        "at_least": "au moins {wanted}",
        "at_most": "au plus {wanted}",
        "before": "avant le {wanted}",
        "after": "après le {wanted}",
        "in": "{wanted}",
    },
    is_known={True: "une valeur connue", False: "une valeur inconnue"},
    yes_no={True: "oui", False: "non"},
    decimal=",",
    either="ou",
    asked="{word}\u00a0: {value} (demandé\u00a0: {wanted})",
    left_out="{word}\u00a0: {value} (exclu\u00a0: {wanted})",
    unknown="{word}\u00a0: on ne le sait pas (demandé\u00a0: {wanted})",
    not_comparable="{word}\u00a0: «\u00a0{value}\u00a0», qui ne se compare pas (demandé\u00a0: {wanted})",
    joined="\u00a0; ",
    everybody="l’étape s’adresse à tous les apprenants",
    limit="limite atteinte, {times} sur tout le parcours",
    limit_in_days="limite atteinte, {times} en {days} jours",
    all_spent="Toutes les personnes concernées ont déjà reçu autant de textes de cette étape que sa limite le permet.",
    nobody="Personne, dans la cohorte, ne remplit les conditions de cette étape.",
    not_any_more="La personne ne remplit plus les conditions de cette étape.",
    not_any_more_together="Une des personnes ne remplit plus les conditions de cette étape.",
    excluded="hors de cette étape selon lcm.yaml",
    other_role="la règle s’adresse aux apprenants seulement",
    spent="a déjà reçu autant de textes de cette étape que sa limite le permet",
)


# By which the French words that a language model proposes are judged.


PROPOSALS = ProposalWords(
    name="French, with the formal vous",
    banned=(
        r"\bn'oubliez pas\b",
        r"\bpetit rappel\b",
        r"\brappels?\b",
        r"\bqu'en pensez.vous\b",
        r"\bvos avis\b",
        r"\b(?:excellente?|super|beau|belle|bonne?|joli) (?:travail|idée|question|astuce|message|réflexion)s?\b",
        (
            r"\b(?:incroyables?|fantastiques?|formidables?|géniale?s?|inspirante?s?|merveilleux|merveilleuses?|"
            r"incontournables?|précieux|précieuses?|bravo|félicitations|passionnante?s?|plongez|découvrez)\b"
        ),
        r"\b(?:vous devez|il faut que vous|tout le monde doit|chacun doit)\b",
        r"\b(?:cliquez|consultez|assurez.vous|ne manquez pas|restez connectés)\b",
        r"\bpersonne n'a (?:encore )?(?:répondu|réagi)\b",
        r"\b(?:en tant qu'ia|modèle de langage)\b",
        r"\b(?:tu|toi|tes)\b",
    ),
    numbers=listed(
        """
        onze douze treize quatorze quinze seize vingt vingts trente quarante cinquante soixante cent cents mille
        million millions dizaine dizaines douzaine douzaines quinzaine vingtaine centaine centaines millier milliers
        demi demie moitié tiers quart double doublé triple triplé
        """
    ),
    moments=(
        "hier", "aujourd'hui", "demain", "la semaine dernière", "la semaine prochaine", "le mois dernier", "ce mois",
        "le mois prochain", "l'année dernière", "cette année", "l'année prochaine", "matin", "après-midi", "soir",
        "week-end",
    ),
)  # fmt: skip
