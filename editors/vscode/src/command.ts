// Which program to start: found without the editor's help, so that the tests can ask, too.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";

const WINDOWS = process.platform === "win32";
const ENVIRONMENTS = [".venv", "venv"];

/** The command with its program made absolute where the setting names a path or a folder has an environment. */
export function findCommand(setting: readonly string[], folders: readonly string[]): string[] {
  const [program = "cnnspec", ...rest] = setting;
  return [locate(program, folders), ...rest];
}

function locate(program: string, folders: readonly string[]): string {
  if (program.startsWith("~/") || program.startsWith("~\\")) {
    return path.join(homedir(), program.slice(2));
  }
  if (path.isAbsolute(program)) {
    return program;
  }
  const isPath = program.includes("/") || program.includes(path.sep);
  const candidates = isPath ? inFolders(program, folders) : inEnvironments(program, folders);
  return candidates.find((candidate) => existsSync(candidate)) ?? (isPath ? candidates[0] : undefined) ?? program;
}

function inFolders(program: string, folders: readonly string[]): string[] {
  return folders.map((folder) => path.join(folder, program));
}

/** The environment that the project keeps beside its files comes before the one on the search path. */
function inEnvironments(program: string, folders: readonly string[]): string[] {
  const file = WINDOWS ? path.join("Scripts", `${program}.exe`) : path.join("bin", program);
  return folders.flatMap((folder) => ENVIRONMENTS.map((environment) => path.join(folder, environment, file)));
}
