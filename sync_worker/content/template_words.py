"""Which words a template may use, and where it uses others. Pure: looks at the template, fills in nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOOP_WORDS = frozenset({"index", "index0", "first", "last", "length", "revindex", "revindex0"})
ANYTHING = object()  # the value of an expression of which nothing is known


@dataclass(frozen=True, slots=True)
class Word:
    """A value that a template may use: its name, what it says, and examples, the usual one first.

    The other examples are the edges: as long, as short and as odd as they come. An example is what the play gives in
    earnest: text, Markdown, a number, a frozen data class, or a tuple of those. A template has to use a `required` one.
    """

    name: str
    meaning: str
    examples: tuple[Any, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word that does not exist: the line of the template's source (from 1), how it is written, and what to write."""

    line: int
    written: str
    problem: str


def unknown_words(tree: nodes.Template, values: Mapping[str, Any]) -> list[UnknownWord]:
    """Return every word of a template that is none of `values`, or that such a value does not have."""
    return list(_walk(tree, dict(values)))


def _walk(node: nodes.Node, scope: dict[str, Any]) -> Iterator[UnknownWord]:
    if isinstance(node, nodes.For):
        yield from _in_expression(node.iter, scope)
        inner = {**scope, **_bound(node.target, _element(_value(node.iter, scope))), "loop": LOOP_WORDS}
        if node.test is not None:
            yield from _in_expression(node.test, inner)
        for child in node.body:
            yield from _walk(child, inner)
        for child in node.else_:
            yield from _walk(child, scope)
    elif isinstance(node, nodes.Expr):
        yield from _in_expression(node, scope)
    else:
        for child in node.iter_child_nodes():
            yield from _walk(child, scope)


def _bound(target: nodes.Node, value: Any) -> dict[str, Any]:
    return {target.name: value} if isinstance(target, nodes.Name) else dict.fromkeys(_names(target), ANYTHING)


def _names(target: nodes.Node) -> list[str]:
    return [name.name for name in target.find_all(nodes.Name)]


def _in_expression(node: nodes.Node, scope: Mapping[str, Any]) -> Iterator[UnknownWord]:
    """Yield the unknown words of an expression, of a chain like `cohort.nam` the first that is wrong."""
    if isinstance(node, nodes.Name):
        if node.ctx == "load" and node.name not in scope:
            yield UnknownWord(node.lineno, node.name, f"there is no '{node.name}' here.{nearest(node.name, scope)}")
        return
    found = False
    for child in node.iter_child_nodes():
        for below in _in_expression(child, scope):
            found = True
            yield below
    if isinstance(node, nodes.Getattr) and not found:
        owner = _value(node.node, scope)
        known = _attributes(owner)
        if known is not None and node.attr not in known:
            chain = f"{_written(node.node)}.{node.attr}"
            problem = f"'{_written(node.node)}' has no '{node.attr}'.{nearest(node.attr, known)}"
            yield UnknownWord(node.lineno, chain, problem)


def _value(node: nodes.Node, scope: Mapping[str, Any]) -> Any:
    if isinstance(node, nodes.Name):
        return scope.get(node.name, ANYTHING)
    if isinstance(node, nodes.Getattr):
        owner = _value(node.node, scope)
        if owner is ANYTHING or owner is LOOP_WORDS:
            return ANYTHING
        return getattr(owner, node.attr, ANYTHING)
    return ANYTHING


def _element(value: Any) -> Any:
    return value[0] if isinstance(value, tuple | list) and value else ANYTHING


def _attributes(value: Any) -> frozenset[str] | None:
    """Return the words that stand for parts of a value; None where nothing is known of it."""
    if value is ANYTHING:
        return None
    if isinstance(value, frozenset):
        return value
    return frozenset(getattr(type(value), "__dataclass_fields__", ()))


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "..."
