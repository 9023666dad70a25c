// Makes everything in dist/: the extension in one file, and what is copied from elsewhere in the project.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const here = fileURLToPath(new URL("..", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));

rmSync(`${here}/dist`, { recursive: true, force: true });
mkdirSync(`${here}/dist`);

await esbuild.build({
  absWorkingDir: here,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  external: ["vscode"],
  format: "cjs",
  platform: "node",
  target: "node18",
  minify: true,
});

// The grammar lies beside that of the language, the licence and the picture with the rest of the project.
copyFileSync(`${root}/grammar/cnnspec.tmLanguage.json`, `${here}/dist/cnnspec.tmLanguage.json`);
copyFileSync(`${root}/LICENSE`, `${here}/LICENSE`);
const picture = `${root}/docs/images/editor.png`;
if (existsSync(picture)) {
  copyFileSync(picture, `${here}/dist/editor.png`);
}
const readme = readFileSync(`${here}/README.md`, "utf8");
writeFileSync(`${here}/dist/README.md`, readme.replaceAll("../../docs/images/", "dist/"));
