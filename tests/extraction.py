"""The texts of the program that people read, found in its source: what `say`, `plural`, `Mistake` and argparse are given.

A text may be a literal, a choice between literals, a local name or a constant of the module that holds literals, or a
parameter: then the literals are looked for where the function is called. What is none of these is `Unclear`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cnnspec"

T = TypeVar("T")
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Text(NamedTuple):
    """A text and where it stands; `many` is the plural of `one`, "" where there is none."""

    one: str
    many: str
    file: str
    line: int


class Unclear(NamedTuple):
    """An argument that should be a text and is none that can be found."""

    file: str
    line: int
    code: str


class Takes(NamedTuple):
    """Which arguments of a call are texts: by place, by name. The first two are a pair in a `plural`."""

    places: tuple[int, ...]
    names: tuple[str, ...] = ()
    pair: bool = False


CALLS = {
    "say": Takes((0,)),
    "plural": Takes((0, 1), pair=True),
    "Mistake": Takes((1,), ("message", "label", "help", "notes")),
    "add_argument": Takes((), ("help",)),
    "add_argument_group": Takes((0, 1), ("title", "description")),
    "add_parser": Takes((), ("help", "description", "epilog")),
}
OF_MISTAKES = {"message", "label", "help", "notes"}  # `mistake.help = "…"` counts as well
CONSTANTS = {"HELP", "EPILOG"}  # of the modules of commands

# Where a text is taken from a value that is filled elsewhere, and what finds it there.
ELSEWHERE = {
    ("cnnspec/diagnostics.py", "self.message"): "the arguments of Mistake",
    ("cnnspec/diagnostics.py", "self.label"): "the arguments of Mistake",
    ("cnnspec/diagnostics.py", "self.help"): "the arguments of Mistake",
    ("cnnspec/diagnostics.py", "self.notes"): "the arguments of Mistake",
    ("cnnspec/report/pages.py", "block"): "the paragraphs of the pages",
}


class Module:
    """The tree of a module, with the way from each node to what it stands in."""

    def __init__(self, path: Path) -> None:
        self.name = path.relative_to(ROOT).as_posix()
        self.tree = ast.parse(path.read_text(encoding="utf-8"), self.name)
        self.parents = {inner: outer for outer in ast.walk(self.tree) for inner in ast.iter_child_nodes(outer)}
        self.nodes = [node for node in ast.walk(self.tree) if isinstance(node, ast.expr | ast.Assign)]

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The functions that the node stands in, innermost first, then the module."""
        while node is not self.tree:
            node = self.parents[node]
            if isinstance(node, (*FUNCTIONS, ast.Module)):
                yield node


class Search:
    """All texts of some modules. `calls` grows by the functions that hand a parameter on as a text."""

    def __init__(self, paths: list[Path]) -> None:
        self.modules = [Module(path) for path in paths]
        self.functions = self._functions()
        self.calls = dict(CALLS)
        self.texts: list[Text] = []
        self.unclear: list[Unclear] = []
        known = -1
        while known != len(self.calls):  # until no further function is found that hands a parameter on
            known = len(self.calls)
            self.texts, self.unclear = [], []
            for module in self.modules:
                self._read(module)

    def _functions(self) -> dict[str, list[tuple[Module, ast.FunctionDef]]]:
        """The functions of all modules by name, those inside others and the methods left out."""
        found: dict[str, list[tuple[Module, ast.FunctionDef]]] = {}
        for module in self.modules:
            for node in module.tree.body:
                if isinstance(node, ast.FunctionDef):
                    found.setdefault(node.name, []).append((module, node))
        return found

    def _read(self, module: Module) -> None:
        for node in sorted(module.nodes, key=lambda node: (node.lineno, node.col_offset)):
            if isinstance(node, ast.Call):
                self._read_call(module, node)
            elif isinstance(node, ast.Assign):
                self._read_assignment(module, node)

    def _read_call(self, module: Module, node: ast.Call) -> None:
        takes = self.calls.get(_name(node.func))
        if takes is None:
            return
        given = [node.args[i] for i in takes.places if i < len(node.args)]
        given += [keyword.value for keyword in node.keywords if keyword.arg in takes.names]
        if takes.pair:
            one, many = (self._literals(module, argument) for argument in given)
            self._pairs(module, node, one, many)
        else:
            for argument in given:
                self._add(module, argument, self._literals(module, argument))

    def _read_assignment(self, module: Module, node: ast.Assign) -> None:
        for target in node.targets:
            known = isinstance(target, ast.Name) and target.id in CONSTANTS and "/cli/" in module.name
            later = isinstance(target, ast.Attribute) and target.attr in OF_MISTAKES and _name(target.value) != "self"
            if known or later:
                self._add(module, node.value, self._literals(module, node.value))

    def _add(self, module: Module, node: ast.expr, found: list[str]) -> None:
        self.texts += [Text(text, "", module.name, node.lineno) for text in found]

    def _pairs(self, module: Module, node: ast.Call, one: list[str], many: list[str]) -> None:
        if len(one) != len(many):
            self.unclear.append(Unclear(module.name, node.lineno, ast.unparse(node)))
        self.texts += [Text(a, b, module.name, node.lineno) for a, b in zip(one, many, strict=False)]

    def _literals(self, module: Module, node: ast.expr, seen: frozenset[ast.AST] = frozenset()) -> list[str]:
        """The literals that the expression may be; notes what is unclear."""
        if node in seen or (module.name, ast.unparse(node)) in ELSEWHERE:
            return []
        seen |= {node}
        match node:
            case ast.Constant(value=None):
                return []
            case ast.Constant(value=str(text)):
                return [text] if text else []
            case ast.IfExp():
                parts = [node.body, node.orelse]
            case ast.BoolOp() | ast.Tuple() | ast.List():
                parts = node.values if isinstance(node, ast.BoolOp) else node.elts
            case ast.Dict():
                parts = node.values
            case ast.Starred() | ast.Subscript():
                parts = [node.value]
            case ast.Call(func=ast.Attribute(attr="get" | "values" | "items")):
                parts = [node.func.value, *node.args[1:]]
            case ast.Call(func=ast.Name(id="tuple" | "list" | "sorted" | "dict"), args=[inner]):
                parts = [inner]
            case ast.GeneratorExp() | ast.ListComp():
                parts = [node.elt]
            case ast.Name():
                return self._of_name(module, node, seen)
            case ast.Call(func=ast.Name(id="say" | "plural")):
                return []  # made already, and found where it is made
            case ast.Call(func=ast.Name(id=name) as function) if name in self.functions:
                return self._of_function(module, function, seen)
            case _:
                self.unclear.append(Unclear(module.name, node.lineno, ast.unparse(node)))
                return []
        return [text for part in parts for text in self._literals(module, part, seen)]

    def _of_name(self, module: Module, node: ast.Name, seen: frozenset[ast.AST]) -> list[str]:
        """What a name may be: what it is assigned around here, or what callers give for this parameter."""
        for scope in module.around(node):
            values = list(_values(scope, node.id))
            if values:
                return [text for value in values for text in self._literals(module, value, seen)]
            if isinstance(scope, FUNCTIONS) and node.id in _parameters(scope):
                return self._of_parameter(module, scope, node)
        self.unclear.append(Unclear(module.name, node.lineno, node.id))
        return []

    def _of_function(self, module: Module, node: ast.Name, seen: frozenset[ast.AST]) -> list[str]:
        """What a function returns: the one of this module by that name, else the only one."""
        known = self.functions[node.id]
        own = [(where, function) for where, function in known if where is module]
        if len(own or known) > 1:
            self.unclear.append(Unclear(module.name, node.lineno, f"{node.id}(…)"))
            return []
        where, function = (own or known)[0]
        returned = [part.value for part in ast.walk(function) if isinstance(part, ast.Return) and part.value]
        return [text for value in returned for text in self._literals(where, value, seen)]

    def _of_parameter(self, module: Module, function: Function, node: ast.Name) -> list[str]:
        name = getattr(function, "name", "")
        if not name:
            self.unclear.append(Unclear(module.name, node.lineno, ast.unparse(function)))
            return []
        if name == "__init__":
            name = getattr(module.parents[function], "name", "")
        positional = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args) if arg.arg not in _FIRST]
        takes = self.calls.get(name, Takes(()))
        places = (positional.index(node.id),) if node.id in positional else ()
        self.calls[name] = Takes(_union(takes.places, places), _union(takes.names, (node.id,)))
        defaults = dict(zip(positional[::-1], function.args.defaults[::-1], strict=False))
        given = defaults.get(node.id) or dict(
            zip((arg.arg for arg in function.args.kwonlyargs), function.args.kw_defaults, strict=True)
        ).get(node.id)
        return self._literals(module, given) if given is not None else []


_FIRST = ("self", "cls")


def _union(a: tuple[T, ...], b: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*a, *b)))


def _name(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _parameters(function: Function) -> set[str]:
    a = function.args
    return {arg.arg for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs)}


def _values(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    """What the name is assigned in the scope, inner functions left out."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop(0)
        match node:
            case ast.Assign():
                for target in node.targets:
                    yield from _matched(target, node.value, name)
            case ast.AnnAssign(value=ast.expr()) | ast.NamedExpr():
                yield from _matched(node.target, node.value, name)
            case ast.For() | ast.comprehension():
                yield from _items(node.target, node.iter, name)
            case _:
                pass
        if not isinstance(node, FUNCTIONS):
            waiting += ast.iter_child_nodes(node)


def _matched(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    """The part of the value that the name in the target gets."""
    match target, value:
        case ast.Name(id=found), _ if found == name:
            yield value
        case ast.Tuple(), ast.Tuple() if len(target.elts) == len(value.elts):
            for inner, part in zip(target.elts, value.elts, strict=True):
                yield from _matched(inner, part, name)
        case ast.Tuple(), ast.IfExp():
            yield from _matched(target, value.body, name)
            yield from _matched(target, value.orelse, name)
        case ast.Tuple(), _ if any(_name(inner) == name for inner in target.elts):
            yield value
        case _:
            pass


def _items(target: ast.expr, items: ast.expr, name: str) -> Iterator[ast.expr]:
    """What the name gets in turn where the target goes through the items."""
    if isinstance(items, ast.Tuple | ast.List):
        for item in items.elts:
            yield from _matched(target, item, name)
    elif any(_name(node) == name for node in ast.walk(target) if isinstance(node, ast.Name)):
        yield items


PLACEHOLDER = re.compile(r"(?<!\{)\{(\w+)(?:[:!][^{}]*)?\}(?!\})|%\((\w+)\)[sdr]")
CODE = re.compile(r"`[^`]+`")


def has_words(text: str) -> bool:
    """Whether anything is left to translate without placeholders and code."""
    return re.search(r"[^\W\d_]", CODE.sub("", PLACEHOLDER.sub("", text))) is not None


def search() -> Search:
    """All texts in the source of the program."""
    return Search(sorted(PACKAGE.rglob("*.py")))
