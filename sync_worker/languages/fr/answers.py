"""How people say yes and no in French."""

from __future__ import annotations

from sync_worker.languages.answer_words import AnswerWords

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
