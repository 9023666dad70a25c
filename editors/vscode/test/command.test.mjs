import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const source = fileURLToPath(new URL("../src/command.ts", import.meta.url));
const built = await esbuild.build({ entryPoints: [source], format: "esm", platform: "node", bundle: true, write: false });
const { findCommand } = await import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0].contents).toString("base64")}`);

const folder = mkdtempSync(path.join(tmpdir(), "cnnspec-"));
test.after(() => rmSync(folder, { recursive: true }));

const script = process.platform === "win32" ? path.join("Scripts", "cnnspec.exe") : path.join("bin", "cnnspec");

test("without an environment, the name is left to the search path", () => {
  assert.deepEqual(findCommand(["cnnspec", "lsp"], [folder]), ["cnnspec", "lsp"]);
  assert.deepEqual(findCommand([], []), ["cnnspec"]);
});

test("a path is that of the folder, a home that of the user", () => {
  assert.deepEqual(findCommand(["env/bin/cnnspec", "lsp"], [folder]), [path.join(folder, "env/bin/cnnspec"), "lsp"]);
  assert.deepEqual(findCommand(["~/bin/cnnspec"], [folder]), [path.join(homedir(), "bin/cnnspec")]);
  assert.deepEqual(findCommand([path.join(folder, "x")], ["elsewhere"]), [path.join(folder, "x")]);
});

test("the environment of the folder comes first", () => {
  const program = path.join(folder, ".venv", script);
  mkdirSync(path.dirname(program), { recursive: true });
  writeFileSync(program, "");
  assert.deepEqual(findCommand(["cnnspec", "lsp"], ["elsewhere", folder]), [program, "lsp"]);
});
