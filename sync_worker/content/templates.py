"""A playbook's texts: Markdown templates and decks, one file per language, rendered in a sandbox with limits.

What a template is given is data: every value is escaped for Discourse unless our own code made it Markdown.
"""

from __future__ import annotations

import re
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import ValidationError

from sync_worker.config.base import read_text
from sync_worker.config.located_yaml import parse_yaml
from sync_worker.content.markdown import Markdown, escape
from sync_worker.content.template_words import Word, unknown_words
from sync_worker.errors import ConfigError, RenderError
from sync_worker.languages.language import codes
from sync_worker.languages.parts import language
from sync_worker.rules.reading import read_rule
from sync_worker.rules.rule import evaluate
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sync_worker.config.located_yaml import LocatedYaml
    from sync_worker.languages.language import Language
    from sync_worker.rules.rule import Rule, Unknown, Value
    from sync_worker.rules.vocabulary import Vocabulary

MAX_OUTPUT = 32_000  # Discourse's own limit for a post
MAX_TITLE = 255
MAX_BYTES = 1_000_000
MAX_LOOP_DEPTH = 2
FRONT_MATTER = re.compile(r"\A---\r?\n(.*?\n)---\r?\n(.*)\Z", re.DOTALL)
TEMPLATE_FILE = "<template>"  # what Jinja calls a template that comes from no file, in tracebacks
CONDITION = re.compile(r"[a-z][a-z0-9_]{0,39}")
FRONT_KEYS = ("title", "conditions")
FORBIDDEN = (
    nodes.Macro, nodes.CallBlock, nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Block,
    nodes.Assign, nodes.AssignBlock, nodes.With,  # what names a value can double it again and again
)  # fmt: skip
FILTERS = ("join", "length", "first", "last", "lower", "upper", "trim", "default")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text ready for the forum: title as plain text, body as Markdown."""

    title: str
    body: str


class _Sandbox(ImmutableSandboxedEnvironment):
    """Attributes of our own plain data only; no arithmetic that can grow, no methods of strings.

    The remainder of whole numbers is the exception: by it texts take turns.
    """

    intercepted_binops = frozenset({"*", "**", "%", "//", "/"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not callable(value) and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, int) and isinstance(right, int):
            return super().call_binop(context, operator, left, right)
        raise SecurityError(f"'{operator}' is not available in templates")


class PlaybookTexts:
    """The templates and decks of one playbook folder, in one language.

    Args:
        folder: the playbook's own folder, with `templates/NAME.LOCALE.md` and `decks/NAME.LOCALE.yml`.
        locale: `en` or `fr`.
        shipped: the folder of the playbook whose templates are used where this one has none of that name.
        values: what is known, by the words of rules; a condition of a text holds only where these say that it does.
        further: the same of others who get the text too; then it must hold of each of them.

    """

    def __init__(
        self,
        folder: Path,
        locale: str,
        shipped: Path | None = None,
        values: Mapping[str, Value | Unknown] | None = None,
        further: Sequence[Mapping[str, Value | Unknown]] = (),
    ) -> None:
        self.folder = folder
        self.locale = locale
        self.shipped = shipped
        self.values = values or {}
        self.further = further

    def knowing(self, values: Mapping[str, Value | Unknown], *further: Mapping[str, Value | Unknown]) -> PlaybookTexts:
        """Return the same texts, with these values for their conditions; a text for several people has those of all."""
        return PlaybookTexts(self.folder, self.locale, self.shipped, values, further)

    def in_language(self, locale: str) -> PlaybookTexts:
        """Return the texts in another language."""
        return PlaybookTexts(self.folder, locale, self.shipped, self.values, self.further)

    @cached_property
    def language(self) -> Language:
        """The rules of the language the texts are in."""
        return language(self.locale)

    def names(self) -> frozenset[str]:
        """Return the names of all templates, whatever their language."""
        return frozenset(path.name.split(".")[0] for path in self.folder.glob("templates/*.md"))

    def decks(self) -> frozenset[str]:
        """Return the names of all decks, whatever their language."""
        return frozenset(path.name.split(".")[0] for path in self.folder.glob("decks/*.yml"))

    def path(self, name: str) -> Path:
        """Return where the template of that name stands in this language: in this folder, else in the shipped one."""
        file = f"templates/{name}.{self.locale}.md"
        own = self.folder / file
        if self.shipped is not None and not own.is_file() and (self.shipped / file).is_file():
            return self.shipped / file
        return own

    def deck_path(self, name: str) -> Path:
        """Return where the deck of that name stands in this language."""
        return self.folder / "decks" / f"{name}.{self.locale}.yml"

    def resources_path(self, name: str) -> Path:
        """Return where the list of resources of that name stands in this language."""
        return self.folder / "resources" / f"{name}.{self.locale}.yml"

    def render(self, template: str, /, **values: Any) -> Rendered:
        """Return the template's title and body with the values filled in.

        Raises:
            RenderError: no such template, a mistake in it, a value it needs and was not given, or output too long.

        """
        source = _template(self.path(template))
        known = (self.values, *self.further)
        holds = {name: all(evaluate(rule, each).matches for each in known) for name, rule in source.conditions.items()}
        values = {**values, **holds}
        return _filled_in(source, values)

    def conditions(self, template: str) -> Mapping[str, Rule]:
        """Return the conditions that a template names.

        Raises:
            RenderError: no such template, or a mistake in it.

        """
        return _template(self.path(template)).conditions

    def problems(self, template: str, words: Sequence[Word], vocabulary: Vocabulary | None = None) -> list[str]:
        """Return what is wrong with a template, each with file, line and column; fills it in with every example.

        Args:
            template: its name.
            words: what it may use, with examples.
            vocabulary: the words that its conditions may use; None where nothing is known when it is written.

        """
        try:
            source = _template(self.path(template))
            unknown = _condition_problems(source, words, vocabulary)
            named = [Word(name, "whether the condition holds", (True, False)) for name in source.conditions]
            words = [*words, *named]
            usual = {word.name: word.examples[0] for word in words}
            unknown += [line for part in source.parts for line in _unknown(part, _shapes(words))]
            unknown += [f"{self.path(template)}: {problem}" for problem in _lacking(source.parts[1], words)]
            if not unknown:
                for values in _fillings(words, usual):
                    _filled_in(source, values)
        except ConfigError as error:
            return [str(error)]
        return unknown

    def check(self) -> None:
        """Parse every template in every language that any text of this playbook is written in.

        Raises:
            RenderError: a text is missing in a language, or a template has a mistake.

        """
        files = [*self.folder.glob("templates/*.md"), *self.folder.glob("decks/*.yml")]
        written = {path.name.split(".")[1] for path in files} & set(codes())
        for locale in sorted(written):
            other = PlaybookTexts(self.folder, locale)
            for name in sorted(self.names()):
                for part in _template(other.path(name)).parts:
                    _compiled(part)
            for name in sorted(self.decks()):
                if not other.deck_path(name).is_file():
                    raise RenderError("no such deck.", where=str(other.deck_path(name)), do="Write it.")


@dataclass(frozen=True, slots=True)
class _Part:
    """The title or the body of a template, and where in its file it begins (line and column from 1)."""

    source: str
    file: str
    line: int
    column: int = 1

    def where(self, line: int, word: str = "") -> str:
        """Return `file:line:column` of a word on a line of this part; without one, of the line's first Jinja mark."""
        lines = self.source.splitlines()
        text = lines[line - 1] if 0 < line <= len(lines) else ""
        found = re.search(rf"(?<![\w.]){re.escape(word)}(?![\w])" if word else r"\{[{%#]", text)
        column = (found.start() + 1 if found else 1) + (self.column - 1 if line == 1 else 0)
        return f"{self.file}:{self.line + line - 1}:{column}"


@dataclass(frozen=True, slots=True)
class _Template:
    """A template file: title and body, the conditions that it names, and where these stand."""

    parts: tuple[_Part, _Part]
    conditions: Mapping[str, Rule]
    head: LocatedYaml


def _template(path: Path) -> _Template:
    """Read a template file.

    Raises:
        RenderError: the file is missing, or is no template.
        ConfigError: its front matter is not YAML.

    """
    try:
        text = read_text(path, MAX_BYTES)
    except ConfigError as error:
        raise RenderError(f"the template: {error.what}", where=error.where, do="Write it, in UTF-8.") from None
    match = FRONT_MATTER.match(text)
    if not match:
        raise RenderError("no front matter.", where=f"{path}:1:1", do="Begin with ---, title: ..., ---.")
    head = parse_yaml(f"\n{match[1]}", str(path))  # the line of the dashes, so that lines count as in the file
    conditions = _conditions(head, path)
    for name, part, where in (("title", head.data["title"], 2), ("body", match[2], match[1].count("\n") + 3)):
        if not part.strip():
            raise RenderError(f"the {name} is empty.", where=f"{path}:{where}:1", do="Discourse refuses such a post.")
    line, column = head.places["title",]
    written = match[1].splitlines()[line - 2][column - 1 :]
    key = re.match(r"title\s*:\s*[\"']?", written)
    title = _Part(head.data["title"], str(path), line, column + (len(key[0]) if key else 0))
    body = _Part(match[2], str(path), match[1].count("\n") + 3)
    return _Template((title, body), conditions, head)


def _conditions(head: LocatedYaml, path: Path) -> dict[str, Rule]:
    """Return the conditions of a front matter.

    Raises:
        RenderError: there is no title, something else, or a condition that is no rule.

    """
    data = head.data if isinstance(head.data, dict) else {}
    for key in data:
        if key not in FRONT_KEYS:
            what = f"the front matter holds 'title' and 'conditions' only, not '{key}'.{nearest(key, FRONT_KEYS)}"
            raise RenderError(what, where=head.where((key,)))
    if not isinstance(data.get("title"), str):
        raise RenderError("the front matter holds 'title', a text.", where=f"{path}:2:1")
    written = data.get("conditions", {})
    if not isinstance(written, dict) or (not written and "conditions" in data):
        where, do = head.where(("conditions",)), "For example: conditions: {new_here: {days_in_cohort: {below: 7}}}."
        raise RenderError("'conditions' holds names, each with a rule.", where=where, do=do)
    found: dict[str, Rule] = {}
    for name, rule in written.items():
        if not CONDITION.fullmatch(name):
            do = "Use lower-case letters, digits and _, a letter first."
            raise RenderError(f"'{name}' cannot name a condition.", where=head.where(("conditions", name)), do=do)
        try:
            found[name] = read_rule(rule)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = head.where(("conditions", name, *first["loc"]))
            raise RenderError(f"{first['msg'].rstrip('.')}.", where=where) from None
    return found


def _condition_problems(source: _Template, words: Sequence[Word], vocabulary: Vocabulary | None) -> list[str]:
    """Return what is wrong with a template's conditions: words that do not exist, and conditions that nothing uses."""
    taken = {word.name for word in words}
    used = {name for part in source.parts for name in _variables(part)}
    found = []
    for name, rule in source.conditions.items():
        where = source.head.where(("conditions", name))
        if name in taken:
            found.append(f"{where}: '{name}' is a word of the text already; call the condition otherwise.")
        elif name not in used:
            found.append(f"{where}: the text does not use the condition '{name}'; write {{% if {name} %}}.")
        if vocabulary is None:
            found.append(f"{where}: this text takes no conditions, as nothing is known when it is written.")
            continue
        found += [
            f"{source.head.where(('conditions', name, *path))}: {problem}"
            for path, problem in vocabulary.problems(rule)
        ]
    return found


def _variables(part: _Part) -> set[str]:
    """Return the names that a part reads from outside."""
    tree = _tree(part)
    with _named(part):
        return find_undeclared_variables(tree)


def _filled_in(source: _Template, values: dict[str, Any]) -> Rendered:
    title, body = source.parts
    return Rendered(title=_plain(_render(title, values, MAX_TITLE)), body=_tidy(_render(body, values, MAX_OUTPUT)))


def _lacking(body: _Part, words: Sequence[Word]) -> Iterator[str]:
    """Yield what a template must say and does not."""
    used = _variables(body)
    for word in words:
        if word.required and word.name not in used:
            yield f"write {{{{ {word.name} }}}} into the text: {word.meaning}."


def _shapes(words: Sequence[Word]) -> dict[str, Any]:
    """Return an example of each word that shows what it is made of: of lists one that is not empty."""
    return {word.name: next((one for one in word.examples if one), word.examples[0]) for word in words}


def _fillings(words: Sequence[Word], usual: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all usual values, then each other example among usual ones, then all the last ones."""
    yield dict(usual)
    for word in words:
        yield from ({**usual, word.name: example} for example in word.examples[1:])
    yield {word.name: word.examples[-1] for word in words}


def _unknown(part: _Part, values: Mapping[str, Any]) -> list[str]:
    """Return the words of a part that do not exist, each with its place."""
    _compiled(part)
    found = unknown_words(ENVIRONMENT.parse(part.source), values)
    return [f"{part.where(one.line, one.written)}: {one.problem}" for one in found]


def _compiled(part: _Part) -> Any:
    with _named(part):
        return ENVIRONMENT.from_string(_tree(part))


def _tree(part: _Part) -> nodes.Template:
    """Return what a part is made of.

    Raises:
        RenderError: it is no template, or uses what templates do not have.

    """
    with _named(part):
        tree = ENVIRONMENT.parse(part.source)
        depth = _loop_depth(tree)
    for kind in FORBIDDEN:
        for node in tree.find_all(kind):
            raise RenderError(
                "templates know no macros, blocks, includes, imports or values of their own.",
                where=part.where(node.lineno),
                do="Write the text out.",
            )
    if depth > MAX_LOOP_DEPTH or any(node.recursive for node in tree.find_all(nodes.For)):
        raise RenderError(f"loops stand more than {MAX_LOOP_DEPTH} deep.", where=part.where(1), do="Write it simpler.")
    return tree


@contextmanager
def _named(part: _Part) -> Iterator[None]:
    """Turn Jinja's complaints about a part into errors that name the place."""
    try:
        yield
    except TemplateSyntaxError as error:
        advice = "Check the {{ }} and {% %}."
        if "comment" in (error.message or ""):
            advice = "'{#' begins a comment here; write '{ #', or {{ '{#' }} for the two signs themselves."
        raise RenderError(f"{error.message}.", where=part.where(error.lineno), do=advice) from None
    except (RecursionError, SyntaxError):  # of Python, which Jinja turns a template into
        raise RenderError("too much stands within each other.", where=part.where(1), do="Write it simpler.") from None


def _loop_depth(node: nodes.Node) -> int:
    below = max((_loop_depth(child) for child in node.iter_child_nodes()), default=0)
    return below + isinstance(node, nodes.For)


def _render(part: _Part, values: dict[str, Any], longest: int) -> str:
    template = _compiled(part)
    try:
        return "".join(_limited(template.generate(**values), part.where(1), longest))
    except TemplateError as error:
        unknown = _unknown(part, values) if isinstance(error, UndefinedError) else []
        if unknown:
            raise RenderError("\n".join(unknown)) from None
        what = f"{error.message or error}."
        raise RenderError(what, where=_place(part, error), do="Use only the values the play gives.") from None
    except (TypeError, ValueError, ArithmeticError) as error:
        raise RenderError(f"cannot be filled in: {error}.", where=_place(part, error)) from None


def _place(part: _Part, error: Exception) -> str:
    """Return where filling in failed: Jinja writes the template's own lines into the traceback, not the columns."""
    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == TEMPLATE_FILE]
    return part.where(lines[-1] if lines else 1)


def _limited(chunks: Iterator[str], where: str, longest: int) -> Iterator[str]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > longest:
            raise RenderError(f"more than {longest:,} characters.", where=where, do="Make it shorter.")
        yield chunk


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Markdown) else escape(str(value))


def _tidy(text: str) -> str:
    """Return the text with one empty line at most between paragraphs."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip(" ") for line in text.splitlines())).strip() + "\n"


def _plain(title: str) -> str:
    """Return a title on one line, without the escapes that only Markdown needs."""
    text = re.sub(r"\\([\\`*_{}|~$^+=#:>./)-])", r"\1", " ".join(title.split(" ")))
    text = text.replace("&lt;", "‹").replace("&gt;", "›").replace("&amp;", "&").replace("\u2060", "")
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


def _environment() -> _Sandbox:
    environment = _Sandbox(undefined=StrictUndefined, finalize=_finalize, trim_blocks=True, lstrip_blocks=True)
    environment.globals.clear()
    environment.tests = {name: environment.tests[name] for name in ("defined", "none")}
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    return environment


ENVIRONMENT = _environment()
