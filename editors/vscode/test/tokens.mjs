// The words of a text with their scopes, as VS Code sees them.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const GRAMMAR = `${ROOT}/grammar/cnnspec.tmLanguage.json`;

const wasm = readFileSync(createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm"));
await oniguruma.loadWASM(wasm);

const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async (scope) =>
    scope === "source.cnnspec" ? textmate.parseRawGrammar(readFileSync(GRAMMAR, "utf8"), GRAMMAR) : null,
});
const grammar = await registry.loadGrammar("source.cnnspec");

/** Every token that is more than space: { line, text, scopes }, the scopes without `source` and `meta`. */
export function tokensOf(text) {
  const tokens = [];
  let state = textmate.INITIAL;
  text.split(/\r?\n/).forEach((row, index) => {
    const tokenized = grammar.tokenizeLine(row, state);
    state = tokenized.ruleStack;
    for (const { startIndex, endIndex, scopes } of tokenized.tokens) {
      const word = row.slice(startIndex, endIndex);
      if (word.trim()) {
        const own = scopes.filter((scope) => !/^(source|meta)\./.test(scope)).map((scope) => scope.replace(/\.cnnspec$/, ""));
        tokens.push({ line: index + 1, text: word.trim(), scopes: own });
      }
    }
  });
  return tokens;
}
