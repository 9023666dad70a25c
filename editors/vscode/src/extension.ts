// Starts `cnnspec lsp` and speaks with it; colours, brackets and snippets need no server.

import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";
import { findCommand } from "./command";
import { explainFailure } from "./failure";
import { makeClient } from "./server";

let client: LanguageClient | undefined;
let queue: Promise<void> = Promise.resolve();

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("cnnspec", { log: true });
  const restart = (): Promise<void> => enqueue(() => start(output));
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand("cnnspec.restart", restart),
    vscode.commands.registerCommand("cnnspec.showOutput", () => output.show()),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("cnnspec.server")) {
        void restart();
      }
    }),
  );
  void restart();
}

export function deactivate(): Promise<void> {
  return enqueue(stop);
}

/** One start or stop after the other, whatever is asked in the meantime. */
function enqueue(task: () => Promise<void>): Promise<void> {
  queue = queue.then(task, task);
  return queue;
}

async function start(output: vscode.LogOutputChannel): Promise<void> {
  await stop();
  if (!vscode.workspace.isTrusted) {
    output.info("The language server starts when this folder is trusted");
    return;
  }
  const setting = vscode.workspace.getConfiguration("cnnspec").get<string[]>("server.command", []);
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const command = findCommand(setting, folders);
  output.info(`Starting ${command.join(" ")}`);
  const server = makeClient(command, folders[0], output);
  client = server.client;
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    void explainFailure(command, (await server.lastWords()) || String(error), output);
  }
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  if (running?.isRunning()) {
    await running.stop();
  }
}
