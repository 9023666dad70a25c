// What is said when the server does not start, with the remedy at hand.

import * as vscode from "vscode";

const INSTALL = 'pip install "cnnspec[lsp]"';
const COPY = "Copy Command";
const SETTINGS = "Open Settings";
const OUTPUT = "Show Output";

export async function explainFailure(
  command: readonly string[],
  reason: string,
  output: vscode.LogOutputChannel,
): Promise<void> {
  output.error(`${command.join(" ")} did not start: ${reason}`);
  const missing = /ENOENT|No module named|not installed|invalid choice/.test(reason);
  const message = missing
    ? `\`${command.join(" ")}\` cannot be started. Install it with: ${INSTALL}`
    : `\`${command.join(" ")}\` ended at once: ${reason.split("\n").at(-1)}`;
  const answer = await vscode.window.showErrorMessage(message, ...(missing ? [COPY] : []), SETTINGS, OUTPUT);
  if (answer === COPY) {
    await vscode.env.clipboard.writeText(INSTALL);
  } else if (answer === SETTINGS) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "cnnspec.server");
  } else if (answer === OUTPUT) {
    output.show();
  }
}
