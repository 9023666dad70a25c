"""The texts of the program that people read, found in its source: what `say`, `plural`, `Mistake`, argparse are given.

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
OF_MISTAKES = {"message", "label", "help", "notes"}
CONSTANTS = {"HELP", "EPILOG", "HELP_FOR_SOME"}  # of the modules of commands and of rules

# Where a text is taken from a value that is filled elsewhere, and what finds it there.
ELSEWHERE = {
    ("cnnspec/diagnostics.py", "self.message"): "the arguments of Mistake",
    ("cnnspec/diagnostics.py", "self.label"): "the arguments of Mistake",
    ("cnnspec/diagnostics.py", "self.help"): "the arguments of Mistake",
    ("cnnspec/diagnostics.py", "self.notes"): "the arguments of Mistake",
    ("cnnspec/cli/_common.py", "said"): "the titles of groups of arguments, made already",
    ("cnnspec/elaborate/checks.py", "mistake.message"): "the arguments of Mistake",
    ("cnnspec/report/pages.py", "block"): "the paragraphs of the pages",
    ("cnnspec/layers/_kind.py", "self.formula"): "the reference of the layers",
    ("cnnspec/report/reference.py", "argument.doc"): "the reference of the layers",
    ("cnnspec/report/reference.py", "kind.source"): "the reference of the layers",
    ("cnnspec/editing/words.py", "word.text"): "its table",
    ("cnnspec/cli/_common.py", "action.help"): "the arguments of add_argument",
}


# Classes whose objects hold texts until they are shown.
TABLES = {
    ("cnnspec/editing/words.py", "Word"): Takes((0,)),
}


class Module:
    """The tree of a module, with the way from each node to what it stands in."""

    def __init__(self, path: Path) -> None:
        self.name = path.relative_to(ROOT).as_posix()
        self.tree = ast.parse(path.read_text(encoding="utf-8"), self.name)
        self.parents = {inner: outer for outer in ast.walk(self.tree) for inner in ast.iter_child_nodes(outer)}
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call | ast.Assign)]
        self.nodes = sorted(nodes, key=lambda node: (node.lineno, node.col_offset))
        self.functions = {node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef)}
        self.imported: dict[str, tuple[str, str]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                self.imported |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The functions that the node stands in, innermost first, then the module."""
        while node is not self.tree:
            node = self.parents[node]
            if isinstance(node, (*FUNCTIONS, ast.Module)):
                yield node


class Search:
    """All texts of some modules.

    `handing` are the functions and methods that hand a parameter on as a text: those of a module by its name and
    theirs, methods (and `Class(…)`) by their name, since nobody can see whose they are.
    """

    def __init__(self, paths: list[Path]) -> None:
        self.modules = {module.name: module for module in map(Module, paths)}
        self.handing = dict(TABLES)
        self.texts: list[Text] = []
        self.unclear: list[Unclear] = []
        known = None
        while known != self.handing:  # until no further function is found that hands a parameter on
            known = dict(self.handing)
            self.texts, self.unclear = [], []
            for module in self.modules.values():
                self._read(module)

    def _defined(self, module: Module, name: str) -> tuple[Module, str] | None:
        """The module that defines the function (or class) which is called by this name here, and its name there."""
        while name in module.imported and name not in module.functions:
            source, name = module.imported[name]
            stem = source.replace(".", "/")
            found = self.modules.get(f"{stem}.py") or self.modules.get(f"{stem}/__init__.py")
            if found is None or found is module:
                return None
            module = found
        return module, name

    def _takes(self, module: Module, function: ast.expr) -> Takes | None:
        """Which arguments of a call of this function are texts."""
        known = CALLS.get(_name(function))
        if known is not None:
            return known
        if isinstance(function, ast.Attribute):
            return self.handing.get(("", function.attr))
        defined = self._defined(module, _name(function))
        return None if defined is None else self.handing.get((defined[0].name, defined[1]))

    def _read(self, module: Module) -> None:
        for node in module.nodes:
            if isinstance(node, ast.Call):
                self._read_call(module, node)
            elif isinstance(node, ast.Assign):
                self._read_assignment(module, node)

    def _read_call(self, module: Module, node: ast.Call) -> None:
        takes = self._takes(module, node.func)
        if takes is None:
            return
        given = [node.args[i] for i in takes.places if i < len(node.args)]
        given += [keyword.value for keyword in node.keywords if keyword.arg in takes.names]
        if takes.pair:
            self._read_pair(module, node, *given)
        else:
            for argument in given:
                self._add(module, argument, self._literals(module, argument))

    def _read_assignment(self, module: Module, node: ast.Assign) -> None:
        for target in node.targets:
            known = isinstance(target, ast.Name) and target.id in CONSTANTS and module.tree is module.parents[node]
            if known or (isinstance(target, ast.Attribute) and self._is_mistake(module, target)):
                self._add(module, node.value, self._literals(module, node.value))

    def _is_mistake(self, module: Module, target: ast.Attribute) -> bool:
        """Whether it is a text of what `Mistake(…)` has made in the same function: `mistake.help = "…"`."""
        if target.attr not in OF_MISTAKES:
            return False
        scope = next(module.around(target))
        made = _values(scope, target.value.id) if isinstance(target.value, ast.Name) else iter(())
        return any(isinstance(value, ast.Call) and _name(value.func) == "Mistake" for value in made)

    def _add(self, module: Module, node: ast.expr, found: list[str]) -> None:
        self.texts += [Text(text, "", module.name, node.lineno) for text in found]

    def _read_pair(self, module: Module, node: ast.Call, one: ast.expr, many: ast.expr) -> None:
        function = next(module.around(node))
        if isinstance(function, ast.FunctionDef) and {_name(one), _name(many)} <= _parameters(function):
            key, names = self._key(module, function)
            self.handing[key] = Takes((names.index(_name(one)), names.index(_name(many))), pair=True)
            return
        ones, manies = self._literals(module, one), self._literals(module, many)
        if not ones or len(ones) != len(manies):
            self.unclear.append(Unclear(module.name, node.lineno, ast.unparse(node)))
        self.texts += [Text(a, b, module.name, node.lineno) for a, b in zip(ones, manies, strict=False)]

    def _literals(self, module: Module, node: ast.expr, seen: frozenset[ast.AST] = frozenset()) -> list[str]:
        """The literals that the expression may be; notes what is unclear."""
        if node in seen or (module.name, ast.unparse(node)) in ELSEWHERE:
            return []
        seen |= {node}
        match node:
            case ast.Constant(value=None) | ast.Call(func=ast.Name(id="say" | "plural")):
                return []  # nothing, or made already, and found where it is made
            case ast.Constant(value=str(text)):
                return [text] if text else []
            case ast.Name():
                return self._of_name(module, node, seen)
            case ast.Call(func=ast.Name(id=name)) if (defined := self._function(module, name)) is not None:
                where, function = defined
                returned = [part.value for part in ast.walk(function) if isinstance(part, ast.Return) and part.value]
                return [text for value in returned for text in self._literals(where, value, seen)]
        parts = _parts(node)
        if parts is None:
            self.unclear.append(Unclear(module.name, node.lineno, ast.unparse(node)))
        return [text for part in parts or () for text in self._literals(module, part, seen)]

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

    def _function(self, module: Module, name: str) -> tuple[Module, ast.FunctionDef] | None:
        defined = self._defined(module, name)
        function = defined and defined[0].functions.get(defined[1])
        return (defined[0], function) if defined and function else None

    def _key(
        self, module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> tuple[tuple[str, str], list[str]]:
        """The place of the function in `handing`, and the names of what is given to it by place."""
        key, skipped = (module.name, function.name), 0
        outer = module.parents[function]
        if isinstance(outer, ast.ClassDef):
            key, skipped = (module.name, outer.name) if function.name == "__init__" else ("", function.name), 1
        positional = [*function.args.posonlyargs, *function.args.args][skipped:]
        return key, [argument.arg for argument in positional]

    def _of_parameter(self, module: Module, function: Function, node: ast.Name) -> list[str]:
        """What callers give for a parameter is found where they call; its default is found here."""
        if isinstance(function, ast.Lambda):
            self.unclear.append(Unclear(module.name, node.lineno, ast.unparse(function)))
            return []
        key, names = self._key(module, function)
        old = self.handing.get(key, Takes(()))
        places = (names.index(node.id),) if node.id in names else ()
        self.handing[key] = Takes(_union(old.places, places), _union(old.names, (node.id,)))
        defaults: dict[str, ast.expr | None] = dict(zip(names[::-1], function.args.defaults[::-1], strict=False))
        defaults |= dict(zip((one.arg for one in function.args.kwonlyargs), function.args.kw_defaults, strict=True))
        default = defaults.get(node.id)
        return self._literals(module, default) if default is not None else []


def _union(a: tuple[T, ...], b: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*a, *b)))


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _parameters(function: Function) -> set[str]:
    a = function.args
    return {arg.arg for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs)}


def _parts(node: ast.expr) -> list[ast.expr] | None:
    """The expressions of which the value is one, or which hold it; None where that is not to be seen."""
    match node:
        case ast.IfExp():
            return [node.body, node.orelse]
        case ast.BoolOp() | ast.Dict():
            return node.values
        case ast.Tuple() | ast.List():
            return node.elts
        case ast.Starred() | ast.Subscript():
            return [node.value]
        case ast.GeneratorExp() | ast.ListComp():
            return [node.elt]
        case ast.Call(func=ast.Attribute(value=table, attr="get" | "values" | "items")):
            return [table, *node.args[1:]]
        case ast.Call(func=ast.Name(id="tuple" | "list" | "sorted" | "dict"), args=[inner]):
            return [inner]
    return None


def _values(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    """What the name is assigned in the scope, inner functions left out."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop(0)
        match node:
            case ast.Assign():
                for target in node.targets:
                    yield from _matched(target, node.value, name)
            case ast.AnnAssign(value=ast.expr() as value) | ast.NamedExpr(value=value):
                yield from _matched(node.target, value, name)
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


PLACEHOLDER = re.compile(r"(?<!\{)\{(\w+)(?:[:!][^{}]*)?\}(?!\})|%(?:\((\w+)\))?[sdr]\b")
CODE = re.compile(r"`[^`]+`")


def has_words(text: str) -> bool:
    """Whether anything is left to translate without placeholders and code: words, or signs set otherwise elsewhere."""
    left = PLACEHOLDER.sub("0", CODE.sub("0", text))
    return re.search(r"[^\W\d_]|[:;?!%](?=\s|$)", left) is not None


def search() -> Search:
    """All texts in the source of the program."""
    return Search(sorted(PACKAGE.rglob("*.py")))
