import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { InvalidJobError } from "../errors.js";
import { storeBundle } from "./bundle-cache.js";
import { bundleJob } from "./bundle.js";
import { loadJob } from "./load-job.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-bundle-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const cache = join(folder, "cache");

function project(name: string, files: Readonly<Record<string, string>>): string {
  const home = join(folder, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(home, file, ".."), { recursive: true });
    writeFileSync(join(home, file), content);
  }
  return home;
}

const job = (map: string, imports = ""): string => `import { defineJob, text } from "millrace";\n${imports}\nexport default defineJob({ name: "x", input: text(), map: (line, emit) => emit(${map}), output: text() });\n`;

async function refused(home: string, file = "job.ts"): Promise<string> {
  try {
    const { file: bundle, sha256 } = await bundleJob(join(home, file), cache);
    await loadJob(bundle, sha256);
  } catch (error) {
    if (error instanceof InvalidJobError) return error.message;
    throw error;
  }
  return "not refused";
}

test("a job is bundled with its own modules and its folder's packages, ES modules and CommonJS", async (t) => {
  const home = project("whole", {
    "job.ts": job("shout(line) + old.mark", 'import { shout } from "./lib/shout.js";\nimport old from "old";'),
    "lib/shout.ts": "export const shout = (text: string): string => text.toUpperCase();",
    "node_modules/old/package.json": '{ "name": "old", "main": "index.js" }',
    "node_modules/old/index.js": 'exports.mark = require("node:path").sep;',
  });
  const { file, sha256 } = await bundleJob(join(home, "job.ts"), cache);
  const definition = await loadJob(file, sha256);
  const emitted: string[] = [];
  (definition.map as unknown as (line: string, emit: (row: string) => void) => void)("a", (row) => emitted.push(row));
  t.deepEqual(emitted, ["A/"]);
});

test("the name of a bundle depends on its sources, not on where they lie", async (t) => {
  const home = project("here", { "job.ts": job("line", 'import "./other.js";'), "other.ts": "console.log(1);" });
  cpSync(home, join(folder, "elsewhere/deep"), { recursive: true });
  const here = await bundleJob(join(home, "job.ts"), cache);
  t.is((await bundleJob(join(folder, "elsewhere/deep/job.ts"), cache)).sha256, here.sha256);
  writeFileSync(join(home, "other.ts"), "console.log(2);");
  t.not((await bundleJob(join(home, "job.ts"), cache)).sha256, here.sha256);
  t.false(readFileSync(here.file, "utf8").includes(folder));
});

test("a module that cannot be bundled is refused with place, source line and advice", async (t) => {
  t.regex(await refused(project("unresolved", { "job.ts": job("line + x", 'import x from "left-pad/sub";') })), /^job\.ts:2:\d+: Could not resolve "left-pad\/sub": run `npm install left-pad` in .*unresolved\n {4}import x/);
  t.regex(await refused(project("lost", { "job.ts": job("line + x", 'import x from "./gone.js";') })), /^job\.ts:2:\d+: Could not resolve "\.\/gone\.js": there is no such file/);
  t.regex(await refused(project("syntax", { "job.ts": "export default {\n  a b\n};" })), /^job\.ts:2:5: Expected .*\n {4} {2}a b\n/);
  t.regex(await refused(project("native", { "job.ts": job("line + x", 'import x from "addon";'), "node_modules/addon/package.json": '{ "name": "addon", "main": "a.node" }', "node_modules/addon/a.node": "" })), /addon is a native addon \(a\.node\)/);
  t.regex(await refused(folder, "missing.ts"), /^There is no job module/);
  t.regex(await refused(folder, "cache"), /is no file; name the job module itself/);
  t.regex(await refused(project("text", { "job.txt": "" }), "job.txt"), /is no job module: expected a file that ends in \.ts/);
});

test("a module that is no job is refused with what to write", async (t) => {
  t.regex(await refused(project("none", { "job.ts": "export const a = 1, b = 2;" })), /has no default export \(it exports a, b\); write `export default defineJob/);
  t.regex(await refused(project("five", { "job.ts": "export default 5;" })), /The default export of the job module is 5 \(number\), not a job/);
  t.regex(await refused(project("throws", { "job.ts": 'function load() {\n  throw new TypeError("no");\n}\nload();\nexport default 1;' })), /^The job module failed while it was loaded: TypeError: no\n.*job\.ts:2:\d+/);
  t.regex(await refused(project("wrong", { "job.ts": 'import { defineJob, text } from "millrace";\n\nexport default defineJob({ name: "", input: text(), map() {}, output: text() });' })), /^defineJob: `name` must be a non-empty string/);
});

test("a bundle whose bytes are not those of its name is not loaded", async (t) => {
  const { file, sha256 } = await bundleJob(join(project("damaged", { "job.ts": job("line + 1") }), "job.ts"), cache);
  writeFileSync(file, `${readFileSync(file, "utf8")} `);
  await t.throwsAsync(loadJob(file, sha256), { instanceOf: InvalidJobError, message: /is missing or damaged/ });
  await bundleJob(join(folder, "damaged/job.ts"), cache);
  t.truthy(await loadJob(file, sha256));
});

test("a new bundle removes those that nobody used for 30 days, and one that is used stays", (t) => {
  const own = join(folder, "old-cache");
  const day = (n: number): Date => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000);
  const store = (text: string, now?: Date): string => storeBundle(own, createHash("sha256").update(text).digest("hex"), Buffer.from(text), now);
  const [old, used] = [store("old", day(0)), store("used", day(0))];
  const halfWritten = `${old}.77.123.tmp`;
  writeFileSync(halfWritten, "o");
  utimesSync(halfWritten, day(0), day(0));
  store("used", day(20));
  t.true(existsSync(old), "nothing is looked for when there is no new one");
  store("new", day(29));
  t.true(existsSync(old));
  store("newer", day(31));
  t.deepEqual([old, used, halfWritten].map((file) => existsSync(file)), [false, true, false]);
  t.true(existsSync(join(own, "node_modules/millrace/index.js")));
});
