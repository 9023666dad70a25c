// The client of one server process.

import { type ChildProcess, spawn } from "node:child_process";
import type * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
} from "vscode-languageclient/node";

const MAX_RESTARTS = 3;
const LAST_WORDS = 2000;

export interface Server {
  client: LanguageClient;
  /** The end of what the process wrote to standard error, or why it could not be started. */
  lastWords(): string;
}

export function makeClient(
  command: readonly string[],
  folder: string | undefined,
  output: vscode.LogOutputChannel,
): Server {
  let words = "";
  const remember = (text: string): void => {
    words = (words + text).slice(-LAST_WORDS);
  };
  const run = (): Promise<ChildProcess> => spawned(command, folder, remember);
  const client: LanguageClient = new Client("cnnspec", "cnnspec", run, options(output, () => client.isRunning()));
  return { client, lastWords: () => words.trim() };
}

/** A failure to start is explained by the extension, once. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown, showNotification?: boolean | "force"): void {
    super.error(message, data, this.isRunning() && showNotification);
  }
}

function spawned(
  command: readonly string[],
  folder: string | undefined,
  say: (text: string) => void,
): Promise<ChildProcess> {
  const [program = "", ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { cwd: folder });
    child.stderr.setEncoding("utf8").on("data", say);
    child.once("spawn", () => resolve(child));
    child.once("error", (error) => {
      say(error.message);
      reject(error);
    });
  });
}

function options(output: vscode.LogOutputChannel, isRunning: () => boolean): LanguageClientOptions {
  let restarts = 0;
  return {
    documentSelector: [
      { language: "cnnspec", scheme: "file" },
      { language: "cnnspec", scheme: "untitled" },
    ],
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => {
        if (isRunning() && restarts < MAX_RESTARTS) {
          restarts += 1;
          return { action: CloseAction.Restart, handled: true };
        }
        return { action: CloseAction.DoNotRestart, handled: restarts < MAX_RESTARTS };
      },
    },
  };
}
