// A picture of VS Code in a browser with a file open and its first error explained:
//
//     node scripts/screenshot.mjs http://127.0.0.1:8080 /path/to/file.cnn picture.png
//
// The server there (code-server) has the extension installed; CHROME names the browser. Needs puppeteer-core.

import path from "node:path";
import puppeteer from "puppeteer-core";

const [server, file, picture] = process.argv.slice(2);
const SHOWN = '.view-lines [class*="dyn-rule"], .view-lines [class*="ced-"]'; // inlay hints
const ERROR = ".squiggly-error";

const browser = await puppeteer.launch({
  executablePath: process.env.CHROME ?? "chromium",
  args: ["--no-sandbox", "--font-render-hinting=none"],
  defaultViewport: { width: 900, height: 636, deviceScaleFactor: 1.5 },
});
try {
  const page = await browser.newPage();
  const open = JSON.stringify([["openFile", `vscode-remote://${new URL(server).host}${file}`]]);
  await page.goto(`${server}/?folder=${path.dirname(file)}&payload=${encodeURIComponent(open)}`);
  await page.waitForSelector(SHOWN, { timeout: 60_000 });
  await page.waitForSelector(ERROR, { timeout: 60_000 });
  await pause(1500); // until every hint has its place
  await chord(page, "Control", "KeyB"); // without the explorer
  await page.keyboard.press("F8"); // the next error, with its message below the line
  await page.waitForSelector(".marker-widget", { visible: true });
  await page.mouse.move(400, 200);
  await page.mouse.wheel({ deltaY: -2000 });
  await pause(1000);
  await page.screenshot({ path: picture });
} finally {
  await browser.close();
}

function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

async function chord(page, modifier, key) {
  await page.keyboard.down(modifier);
  await page.keyboard.press(key);
  await page.keyboard.up(modifier);
}
