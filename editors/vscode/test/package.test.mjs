// The .vsix as it is handed on: what lies in it, and that everything it names is there.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { strFromU8, unzipSync } from "fflate";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "cnnspec-"));
test.after(() => rmSync(folder, { recursive: true }));

const vsix = path.join(folder, "cnnspec.vsix");
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
execFileSync(npm, ["run", "package", "--silent", "--", "--out", vsix], { cwd: HERE, stdio: ["ignore", "ignore", "inherit"] });
const files = unzipSync(readFileSync(vsix));
const text = (name) => strFromU8(files[`extension/${name}`]);
const manifest = JSON.parse(text("package.json"));

test("it holds these files and no others", () => {
  assert.deepEqual(Object.keys(files).sort(), [
    "[Content_Types].xml",
    "extension.vsixmanifest",
    "extension/LICENSE.txt",
    "extension/dist/cnnspec.tmLanguage.json",
    "extension/dist/editor.png",
    "extension/dist/extension.js",
    "extension/images/file-dark.svg",
    "extension/images/file-light.svg",
    "extension/images/icon.png",
    "extension/language-configuration.json",
    "extension/markdown.tmLanguage.json",
    "extension/package.json",
    "extension/readme.md",
    "extension/snippets.json",
  ]);
});

test("every file that the manifest names is in it", () => {
  const { languages, grammars, snippets } = manifest.contributes;
  const icons = languages.flatMap(({ icon }) => Object.values(icon));
  const paths = [...grammars, ...snippets].map((one) => one.path);
  for (const name of [manifest.main, manifest.icon, ...icons, ...paths, languages[0].configuration]) {
    assert.ok(files[path.posix.join("extension", name)], name);
  }
});

test("its grammar is that of the project, its licence too", () => {
  const root = path.join(HERE, "..", "..");
  assert.equal(text("dist/cnnspec.tmLanguage.json"), readFileSync(path.join(root, "grammar/cnnspec.tmLanguage.json"), "utf8"));
  assert.equal(text("LICENSE.txt"), readFileSync(path.join(root, "LICENSE"), "utf8"));
});

test("pictures in its page are in it", () => {
  for (const [, link] of text("readme.md").matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) {
    assert.ok(files[`extension/${link}`], link);
  }
});

test("the extension needs nothing but the editor", () => {
  const needed = Array.from(text("dist/extension.js").matchAll(/\brequire\("([^"]+)"\)/g), ([, name]) => name);
  const builtIn = new Set(["assert", "child_process", "crypto", "fs", "net", "os", "path", "process", "url", "util", "vscode"]);
  assert.deepEqual(needed.filter((name) => !builtIn.has(name.replace("node:", ""))), []);
});

test("JSON files are what they should be", () => {
  for (const name of ["language-configuration.json", "markdown.tmLanguage.json", "snippets.json"]) {
    assert.ok(JSON.parse(text(name)), name);
  }
});
