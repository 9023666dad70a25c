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
const LAST_WORDS = 2000; // characters
const PATIENCE = 1000; // milliseconds, for a process that ends

export interface Server {
  client: LanguageClient;
  /** The end of what the process wrote to standard error, or why it could not be started. */
  lastWords(): Promise<string>;
}

export function makeClient(
  command: readonly string[],
  folder: string | undefined,
  output: vscode.LogOutputChannel,
): Server {
  const words = new LastWords();
  const run = (): Promise<ChildProcess> => spawned(command, folder, words);
  const client: LanguageClient = new Client("cnnspec", "cnnspec", run, options(output, () => client.isRunning()));
  return { client, lastWords: () => words.text() };
}

/** The end of what a process wrote to standard error. */
class LastWords {
  private words = "";
  private ended: Promise<unknown> = Promise.resolve();

  listenTo(child: ChildProcess): void {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.add(text));
    this.ended = new Promise((resolve) => child.once("close", resolve));
  }

  add(text: string): void {
    this.words = (this.words + text).slice(-LAST_WORDS);
  }

  async text(): Promise<string> {
    await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    return this.words.trim();
  }
}

/** A failure to start is explained by the extension, once. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown, showNotification?: boolean | "force"): void {
    super.error(message, data, this.isRunning() && showNotification);
  }
}

function spawned(command: readonly string[], folder: string | undefined, words: LastWords): Promise<ChildProcess> {
  const [program = "", ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { cwd: folder });
    words.listenTo(child);
    child.once("spawn", () => resolve(child));
    child.once("error", (error) => {
      words.add(error.message);
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
