// Runs the component and unit tests in Chromium, and keeps what they asked of the server for the check against the contract.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";
import { buildTests } from "./build.mjs";
import { existsSync } from "./files.mjs";

const plugin = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  "../.."
);
const BROWSERS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const LIMIT_MS = 120_000;

const browserPath = process.env.CHROMIUM ?? BROWSERS.find(existsSync);
if (!browserPath) {
  console.error(
    "no Chromium found: install it, or name it in the variable CHROMIUM"
  );
  process.exit(1);
}

const folder = mkdtempSync(path.join(tmpdir(), "lcm-browser-"));
const script = path.join(folder, "tests.js");
await buildTests(script);
const qunit = readFileSync(
  path.join(plugin, "node_modules/qunit/qunit/qunit.js"),
  "utf8"
);
const axe = readFileSync(
  path.join(plugin, "node_modules/axe-core/axe.min.js"),
  "utf8"
);
const page = path.join(folder, "index.html");
writeFileSync(
  page,
  `<!doctype html><html lang="en"><meta charset="utf-8"><body>
<div id="qunit-fixture-root"><div id="ember-testing"></div></div>
<script>window.QUnit = { config: { autostart: false } };</script>
<script>${qunit.replaceAll("</script>", "<\\/script>")}</script>
<script>${axe.replaceAll("</script>", "<\\/script>")}</script>
<script src="tests.js"></script></body></html>`
);

const browser = await puppeteer.launch({
  executablePath: browserPath,
  headless: true,
  args: ["--no-sandbox", "--allow-file-access-from-files"],
});
let failed = 1;
try {
  const tab = await browser.newPage();
  await tab.setViewport({ width: 1100, height: 900 });
  tab.on("pageerror", (error) => console.error("page error:", error.message));
  const finished = new Promise((resolve) => {
    tab.exposeFunction("lcmTestDone", (test) => {
      console.log(
        `${test.failed ? "not ok" : "ok"} - ${test.module}: ${test.name}`
      );
      for (const problem of test.problems) {
        console.log(`    ${problem}`);
      }
    });
    tab.exposeFunction("lcmRunEnd", resolve);
  });
  await tab.goto(`file://${page}`);
  await tab.evaluate(() => {
    /* global QUnit */
    QUnit.on("testEnd", (test) =>
      window.lcmTestDone({
        module: test.suiteName,
        name: test.name,
        failed: test.status === "failed",
        problems: test.errors.map(
          (error) =>
            `${error.message ?? "failed"} (expected ${JSON.stringify(error.expected)}, got ${JSON.stringify(error.actual)}) ${error.stack ?? ""}`
        ),
      })
    );
    QUnit.on("runEnd", (run) =>
      window.lcmRunEnd({ ...run.testCounts, status: run.status })
    );
    QUnit.start();
  });
  const run = await Promise.race([
    finished,
    new Promise((_, reject) =>
      setTimeout(
        () => reject(new Error(`not done after ${LIMIT_MS} ms`)),
        LIMIT_MS
      )
    ),
  ]);
  const calls = await tab.evaluate(() => window.lcmCalls ?? []);
  mkdirSync(path.join(plugin, "tmp"), { recursive: true });
  writeFileSync(
    path.join(plugin, "tmp/browser-calls.json"),
    JSON.stringify(calls, null, 1)
  );
  failed = run.failed || (run.total === 0 ? 1 : 0);
  console.log(`${run.passed} passed, ${run.failed} failed`);
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
