import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { ROOT, tokensOf } from "./tokens.mjs";

const EXAMPLES = readdirSync(`${ROOT}/examples`, { recursive: true })
  .filter((name) => name.endsWith(".cnn") && !name.includes("answers")); // what students wrote is no language

/** The text with the innermost scope of each word: `conv/support.class.kind 6/constant.numeric.integer`. */
const painted = (text) => tokensOf(text).map(({ text: word, scopes }) => `${word}/${scopes.at(-1) ?? "nothing"}`);

const KIND = "support.class.kind";
const CALL = "entity.name.function.call";
const INTEGER = "constant.numeric.integer";
const SIZE = "constant.numeric.size";
const TIMES = "x/punctuation.separator.size";
const ARROW = "->/keyword.operator.arrow";
const PIPE = "|/keyword.operator.pipe";
const COMMA = ",/punctuation.separator.comma";
const IS = "=/keyword.operator.assignment";
const OPEN = "{/punctuation.section.block.begin";
const CLOSE = "}/punctuation.section.block.end";
const size = (...parts) => parts.flatMap((part, i) => [...(i ? [TIMES] : []), `${part}/${scopeOf(part)}`]);
const scopeOf = (part) =>
  part.startsWith("?") ? "constant.other.placeholder" : /[A-Z]/.test(part) ? "constant.other.symbolic-size" : SIZE;
const argument = (name) => [`${name}/variable.parameter.argument`, IS];

const CASES = {
  "an input": ["input 28x28x1", ["input/keyword.other.input", ...size("28", "28", "1")]],
  "a named input, with letters": [
    "input left: HxWx3",
    ["input/keyword.other.input", "left/entity.name.label", ":/punctuation.separator.colon", ...size("H", "W", "3")],
  ],
  "integers": ["input 56, integer", ["input/keyword.other.input", `56/${INTEGER}`, COMMA, "integer/storage.modifier.integer"]],
  "a layer and its annotation": [
    "conv 6, f=5 | relu -> 24x24x6, 1_56 params",
    [
      ...[`conv/${KIND}`, `6/${INTEGER}`, COMMA, ...argument("f"), `5/${INTEGER}`, PIPE, `relu/${KIND}`],
      ...[ARROW, ...size("24", "24", "6"), COMMA, `1_56/${INTEGER}`, "params/keyword.other.unit"],
    ],
  ],
  "a block, and a call of it with a kind": [
    "block unit(n, act = relu) {\n    conv n, f=1 | act\n}\nunit 8, act=hard_swish",
    [
      ...["block/storage.type.block", "unit/entity.name.function.block", "(/punctuation.definition.parameters.begin"],
      ...["n/variable.parameter", COMMA, "act/variable.parameter", IS, `relu/${KIND}`, ")/punctuation.definition.parameters.end"],
      ...[OPEN, `conv/${KIND}`, "n/variable.other", COMMA, ...argument("f"), `1/${INTEGER}`, PIPE, `act/${CALL}`, CLOSE],
      ...[`unit/${CALL}`, `8/${INTEGER}`, COMMA, ...argument("act"), `hard_swish/${KIND}`],
    ],
  ],
  "a layer over two lines, with a comment between": [
    "conv 6,  # filters\n    # more\n    f=5\nrelu",
    [
      ...[`conv/${KIND}`, `6/${INTEGER}`, COMMA, "#/punctuation.definition.comment", "filters/comment.line.number-sign"],
      ...["#/punctuation.definition.comment", "more/comment.line.number-sign", ...argument("f"), `5/${INTEGER}`, `relu/${KIND}`],
    ],
  ],
  "a list over lines": [
    "let xs = [\n    1,\n    relu,\n]\ndense 1",
    [
      ...["let/storage.type.let", "xs/variable.other.constant", IS, "[/punctuation.section.brackets.begin", `1/${INTEGER}`, COMMA],
      ...[`relu/${KIND}`, COMMA, "]/punctuation.section.brackets.end", `dense/${KIND}`, `1/${INTEGER}`],
    ],
  ],
  "a join and a name": [
    "concat { branch { conv 1, f=1 } branch { } } as both",
    [
      ...[`concat/${KIND}`, OPEN, "branch/keyword.control.branch", OPEN, `conv/${KIND}`, `1/${INTEGER}`, COMMA, ...argument("f")],
      ...[`1/${INTEGER}`, CLOSE, "branch/keyword.control.branch", OPEN, CLOSE, CLOSE, "as/keyword.control.as", "both/entity.name.label"],
    ],
  ],
  "a name, and from it on": [
    "relu as skip\nfrom skip\nadd skip",
    [
      ...[`relu/${KIND}`, "as/keyword.control.as", "skip/entity.name.label", "from/keyword.control.flow", "skip/variable.other"],
      ...[`add/${KIND}`, "skip/variable.other"],
    ],
  ],
  "loops and conditions": [
    "for t, c in [[1, 2]] { if not c == 1 and true { relu } else { u c } }",
    [
      ...["for/keyword.control.loop", "t/variable.parameter.loop", COMMA, "c/variable.parameter.loop", "in/keyword.control.loop"],
      ...["[/punctuation.section.brackets.begin", "[/punctuation.section.brackets.begin", `1/${INTEGER}`, COMMA, `2/${INTEGER}`],
      ...["]/punctuation.section.brackets.end", "]/punctuation.section.brackets.end", OPEN, "if/keyword.control.conditional"],
      ...["not/keyword.operator.logical", "c/variable.other", "==/keyword.operator.comparison", `1/${INTEGER}`],
      ...["and/keyword.operator.logical", "true/constant.language.boolean", OPEN, `relu/${KIND}`, CLOSE],
      ...["else/keyword.control.conditional", OPEN, `u/${CALL}`, "c/variable.other", CLOSE, CLOSE],
    ],
  ],
  "expressions": [
    'conv max(8, channels // 2), f=1x7, p=same if keras else 1e-5, s="a"',
    [
      ...[`conv/${KIND}`, "max/support.function.builtin", "(/punctuation.section.parens.begin", `8/${INTEGER}`, COMMA],
      ...["channels/variable.language.figure", "///keyword.operator.arithmetic", `2/${INTEGER}`, ")/punctuation.section.parens.end"],
      ...[COMMA, ...argument("f"), ...size("1", "7"), COMMA, ...argument("p"), "same/constant.language.mode"],
      ...["if/keyword.operator.conditional", "keras/variable.other", "else/keyword.operator.conditional"],
      ...["1e-5/constant.numeric.float", COMMA, ...argument("s"), '"a"/string.quoted.double'],
    ],
  ],
  "blanks": [
    "?\nconv ?1, f=?(3, 5) -> ?x?x?, ? params",
    [
      ...["?/constant.other.placeholder", `conv/${KIND}`, "?1/constant.other.placeholder", COMMA, ...argument("f")],
      ...["?/constant.other.placeholder", "(/punctuation.section.parens.begin", `3/${INTEGER}`, COMMA, `5/${INTEGER}`],
      ...[")/punctuation.section.parens.end", ARROW, ...size("?", "?", "?"), COMMA, "?/constant.other.placeholder"],
      ...["params/keyword.other.unit"],
    ],
  ],
  "variants and what they expect": [
    "variant small(width = 0.5) {\n    expect count(conv) == 2\n}",
    [
      ...["variant/storage.type.variant", "small/entity.name.type.variant", "(/punctuation.definition.parameters.begin"],
      ...["width/variable.parameter", IS, "0.5/constant.numeric.float", ")/punctuation.definition.parameters.end", OPEN],
      ...["expect/keyword.control.expect", "count/variable.language.figure", "(/punctuation.section.parens.begin", `conv/${KIND}`],
      ...[")/punctuation.section.parens.end", "==/keyword.operator.comparison", `2/${INTEGER}`, CLOSE],
    ],
  ],
  "a suppressed finding": [
    "relu  # meant so  # noqa: W203, W301",
    [
      ...[`relu/${KIND}`, "#/punctuation.definition.comment", "meant so  #/comment.line.number-sign"],
      ...["noqa/keyword.other.directive.noqa", ":/punctuation.separator.directive", "W203/constant.other.code"],
      ...[",/punctuation.separator.directive", "W301/constant.other.code"],
    ],
  ],
  "a suppression for the file": [
    "# cnnspec: noqa",
    [
      ...["#/punctuation.definition.comment", "cnnspec/keyword.other.directive", ":/punctuation.separator.directive"],
      "noqa/keyword.other.directive.noqa",
    ],
  ],
  "what is no part of the language": [
    "conv 1, f='3' @",
    [
      ...[`conv/${KIND}`, `1/${INTEGER}`, COMMA, ...argument("f"), "'/invalid.illegal", `3/${INTEGER}`, "'/invalid.illegal"],
      "@/invalid.illegal",
    ],
  ],
};

for (const [name, [text, expected]] of Object.entries(CASES)) {
  test(name, () => assert.deepEqual(painted(text), expected));
}

test("there are examples", () => assert.ok(EXAMPLES.length > 60));

for (const name of EXAMPLES) {
  test(`every word of ${name} has its colour`, () => {
    const tokens = tokensOf(readFileSync(`${ROOT}/examples/${name}`, "utf8"));
    assert.ok(tokens.length > 0);
    const wrong = tokens.filter(({ scopes }) => scopes.length === 0 || scopes.some((scope) => scope.startsWith("invalid")));
    assert.deepEqual(wrong, []);
  });
}

test("what is called in the examples is a block, or a name that stands for one", () => {
  const giving = ["entity.name.function.block", "variable.parameter", "variable.other.constant"];
  for (const name of EXAMPLES) {
    const tokens = tokensOf(readFileSync(`${ROOT}/examples/${name}`, "utf8"));
    const given = new Set(tokens.filter(({ scopes }) => giving.includes(scopes.at(-1))).map(({ text: word }) => word));
    const called = tokens.filter(({ text: word, scopes }) => scopes.at(-1) === CALL && !given.has(word));
    assert.deepEqual(called, [], name);
  }
});
