"""Texts for property tests: valid `.cnn` files drawn from the grammar, and files that were damaged."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = ("k", "filters", "s4", "head", "params", "x", "act_2")
KINDS = ("conv", "relu", "maxpool", "my_block", "concat", "add")
SPACES = st.sampled_from(("", " ", "  ", "\t", "\u00a0"))

names = st.sampled_from(NAMES)
numbers = st.sampled_from(("0", "1", "3", "64", "1_000", "0.5", "1e-5", "007"))
blanks = st.sampled_from(("?", "?1", "?(3, 5)", "?2(3x3, 5x5)"))
parts = st.sampled_from(("1", "28", "1_0", "H", "W", "?", "?3"))
sizes = st.builds(lambda sign, some: sign.join(some), st.sampled_from("x×"), st.lists(parts, min_size=2, max_size=4))
atoms = st.one_of(
    numbers,
    names,
    sizes,
    blanks,
    st.sampled_from(("true", "false", '"same"', '""', "input", "output", "C", "[]", "count()")),
)


@st.composite
def _spaced(draw: st.DrawFn, sign: str, left: str, right: str) -> str:
    return f"{left}{draw(SPACES)}{sign}{draw(SPACES)}{right}"


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of smaller ones; the signs that may start a foreign comment are followed by numbers."""
    groups = inner.map(lambda one: f"({one})")
    operands = st.one_of(atoms, groups)
    signs = st.sampled_from(("+", "-", "*", "/"))
    return st.one_of(
        signs.flatmap(lambda sign: st.tuples(operands, operands).flatmap(lambda two: _spaced(sign, *two))),
        st.builds("{} {} {}".format, operands, st.sampled_from(("//", "%")), numbers),
        st.builds("{} {} {}".format, operands, st.sampled_from(("==", "!=", "<", ">=", "and", "or", "**")), groups),
        st.builds("{}..{}".format, numbers, names),
        st.builds("- {}".format, operands),
        st.builds("-{}".format, names),
        st.builds("not {}".format, operands),
        st.builds("{} if {} else {}".format, operands, groups, operands),
        st.builds("{}[{}]".format, names, inner),
        st.builds("min({}, {})".format, inner, inner),
        st.lists(inner, min_size=1, max_size=3).flatmap(_lists),
        groups,
    )


@st.composite
def _lists(draw: st.DrawFn, items: list[str]) -> str:
    comma = draw(st.sampled_from((",", ", ", ",\n", ", # why\n  ", " ,\n\n ")))
    return f"[{draw(st.sampled_from(('', ' ', chr(10))))}{comma.join(items)}{draw(st.sampled_from(('', ',', ', ')))}]"


expressions = st.recursive(atoms, _larger, max_leaves=6)


@st.composite
def layers(draw: st.DrawFn) -> str:
    arguments = draw(st.lists(expressions, max_size=2))
    arguments += [
        f"{draw(st.sampled_from(('f', 's', 'padding', 'kernel')))}={value}"
        for value in draw(st.lists(expressions, max_size=2))
    ]
    comma = draw(st.sampled_from((",", ", ", " ,\n   ")))
    text = f"{draw(st.sampled_from(KINDS))} {comma.join(arguments)}".strip()
    return text + draw(st.sampled_from(("", "", " as skip")))


@st.composite
def bodies(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    statements = draw(st.lists(inner, max_size=3))
    open_, between, close = draw(
        st.sampled_from(
            (
                (" { ", "; ", " }"),
                ("{\n", "\n", "\n}"),
                ("\n{ # why\n", "\n\n\n# so\n", " # end\n\n}"),
                (" {\n", " # so\n; ", "\n# end\n; }"),
            )
        )
    )
    return f"{open_}{between.join(statements)}{close}"


def _constructs(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = bodies(inner)
    return st.one_of(
        st.builds("concat{}".format, body),
        st.builds("residual{}shortcut{}".format, body, body),
        st.builds("residual if k == 1{}".format, body),
        st.builds("branch{}".format, body),
        st.builds("frozen{}".format, body),
        st.builds("repeat {}{}".format, names, body),
        st.builds("for i, j in {}{}".format, expressions, body),
        st.builds("if {}{}".format, expressions, body),
        st.builds("if k{}\nelse if x{}\n\nelse{}".format, body, body, body),
    )


def _flows(step: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pipes = st.sampled_from((" | ", "|", "\n  | ", " |\n  ", " # why\n| ", "\n# so\n | "))
    annotations = st.one_of(
        st.just(""),
        st.builds("{}{}".format, st.sampled_from((" -> ", " →", "\n -> ")), expressions),
        st.builds(" -> {}, {} {}".format, sizes, numbers, st.sampled_from(("params", "param"))),
        st.builds(" -> {} params".format, atoms),
    )
    return st.builds(
        lambda pipe, steps, end: pipe.join(steps) + end, pipes, st.lists(step, min_size=1, max_size=3), annotations
    )


steps = st.one_of(layers(), st.sampled_from(("from input", "from s4", "apply head", "?", "?(relu, tanh)")))
flows = st.recursive(_flows(steps), lambda inner: _flows(st.one_of(steps, _constructs(inner))), max_leaves=4)
choices = st.one_of(
    st.sampled_from(("", "()")),
    st.builds("({} = {}, a={},)".format, names, expressions, expressions),
    st.builds("(a = {},\n # why\n  b = relu)".format, expressions),
)
expects = st.one_of(
    st.builds("expect {}".format, expressions), st.builds("if a {}".format, bodies(st.just("expect b")))
)
others = st.one_of(
    st.builds("let {} = {}".format, names, expressions),
    st.builds("expect {}".format, expressions),
    st.builds("input {}{}".format, expressions, st.sampled_from(("", ", integer", " -> 3x3"))),
    st.builds("input left: {}".format, sizes),
    st.sampled_from(("output main, aux", 'use "a/b.cnn"', "example [[0, 1]], 2 -> 0.5, [1]")),
    st.builds("model net(a = {}, b)".format, expressions),
    st.builds("variant {}{}{}".format, names, choices, st.one_of(st.just(""), bodies(expects))),
    st.builds("block part{}{}".format, st.sampled_from(("", "()", "(a)", "(a, b=a // 2,)")), bodies(flows)),
)
statements = st.one_of(flows, others)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A valid file. Nothing in it need make sense beyond its syntax."""
    plain = ("\n", "\n\n\n", " ; ", "\r\n", "  # comment\n", "\n# comment\n", "\n\n # comment\n\n")
    end = st.sampled_from((*plain, "  # comment\n; ", "\n# comment\n;\n", " # noqa: W301\n"))
    return draw(end) + "".join(one + draw(end) for one in draw(st.lists(statements, max_size=5)))


@st.composite
def damaged_files(draw: st.DrawFn) -> str:
    """A file with pieces removed, repeated, exchanged, or characters put into it."""
    text = draw(files())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        junk = draw(
            st.sampled_from(
                ("", text[start:end] * 2, "(", ")", "{", "}", "[", '"', "'", "=", "//", "--", "\n", "as", "X", "é", "@")
            )
        )
        text = text[:start] + junk + text[end:]
    return text
