import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { OutputError, TaskFailure } from "../errors.js";
import { jobId } from "../model/ids.js";
import type { Manifest } from "../model/manifest.js";
import { attemptPartName } from "./layout.js";
import { abandonOutput, commitOutput, prepareOutput, type CommittedPart } from "./output-committer.js";
import { PartFile } from "./part-file.js";
import type { AttemptId } from "../model/ids.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-commit-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const manifestOf = (job: string): Manifest => ({ millrace: "test", job, parts: [] }) as unknown as Manifest;
let runs = 0;
const nextJob = () => jobId("wc", `run${runs++}`);

/** A folder of its own for each test. */
function place(): { home: string; output: string } {
  const home = mkdtempSync(join(folder, "t-"));
  return { home, output: join(home, "out") };
}

function writePart(staging: string, attempt: string, text: string): CommittedPart {
  const name = attemptPartName(attempt as AttemptId, "txt");
  const file = PartFile.create(join(staging, name));
  file.write(Buffer.from(text));
  return { from: name, to: "part-00000.txt", summary: { kind: "part", file: name, rows: 1, ...file.finish() } };
}

test("nothing is visible before the commit, and only what was authorised after it", async (t) => {
  const { home, output } = place();
  const staged = await prepareOutput(output, { overwrite: false, job: nextJob() });
  const kept = writePart(staged.staging, "wc-a_m_00000_1", "kept");
  writePart(staged.staging, "wc-a_m_00000_0", "from an attempt that lost");
  t.false(existsSync(output));
  await commitOutput(staged, 1, { parts: [kept], quarantine: [], manifest: manifestOf(staged.job) });
  t.deepEqual(readdirSync(output).sort(), ["_SUCCESS", "part-00000.txt"]);
  t.is(readFileSync(join(output, "part-00000.txt"), "utf8"), "kept");
  t.deepEqual(readdirSync(home), ["out"]);
  await commitOutput(staged, 1, { parts: [kept], quarantine: [], manifest: manifestOf(staged.job) });
  t.deepEqual(readdirSync(home), ["out"]);
});

test("an abandoned output leaves nothing, not even folders that were made for it", async (t) => {
  const { home } = place();
  const staged = await prepareOutput(join(home, "a/b/out"), { overwrite: false, job: nextJob() });
  writePart(staged.staging, "wc-a_m_00000_0", "lost");
  await abandonOutput(staged);
  await abandonOutput(staged);
  t.deepEqual(readdirSync(home), []);
});

test("a folder that holds something is refused, and so is a file", async (t) => {
  const { home, output } = place();
  mkdirSync(output);
  writeFileSync(join(output, "x"), "");
  await t.throwsAsync(prepareOutput(output, { overwrite: false, job: nextJob() }), { instanceOf: OutputError, message: /exists and is not empty.*--overwrite/ });
  await t.throwsAsync(prepareOutput(output, { overwrite: true, job: nextJob() }), { instanceOf: OutputError, message: /holds x, which no job wrote/ });
  await t.throwsAsync(prepareOutput(join(output, "x"), { overwrite: true, job: nextJob() }), { instanceOf: OutputError, message: /is a file/ });
  t.deepEqual(readdirSync(home), ["out"]);
  t.deepEqual(readdirSync(output), ["x"]);
});

test("overwrite replaces the old output at the commit, and not before", async (t) => {
  const { home, output } = place();
  for (const text of ["old", "new"]) {
    const staged = await prepareOutput(output, { overwrite: true, job: nextJob() });
    const part = writePart(staged.staging, "wc-a_m_00000_0", text);
    if (text === "new") t.is(readFileSync(join(output, "part-00000.txt"), "utf8"), "old");
    await commitOutput(staged, 1, { parts: [part], quarantine: [], manifest: manifestOf(staged.job) });
  }
  t.is(readFileSync(join(output, "part-00000.txt"), "utf8"), "new");
  t.deepEqual(readdirSync(home), ["out"]);
});

test("two jobs cannot write the same output at a time", async (t) => {
  const { output } = place();
  const first = await prepareOutput(output, { overwrite: false, job: nextJob() });
  await t.throwsAsync(prepareOutput(output, { overwrite: true, job: nextJob() }), { instanceOf: OutputError, message: /is being written by job wc-run\d+ \(process \d+/ });
  await abandonOutput(first);
  await abandonOutput(await prepareOutput(output, { overwrite: false, job: nextJob() }));
});

test("what a dead process left is taken over and swept", async (t) => {
  const { home, output } = place();
  const script = `import { prepareOutput } from ${JSON.stringify(new URL("output-committer.js", import.meta.url).href)}; await prepareOutput(${JSON.stringify(output)}, { overwrite: false, job: "wc-dead" });`;
  execFileSync(process.execPath, ["--input-type=module", "-e", script]);
  t.is(readdirSync(home).length, 2);
  const staged = await prepareOutput(output, { overwrite: false, job: nextJob() });
  await abandonOutput(staged);
  t.deepEqual(readdirSync(home), []);
});

test("an old output that was put aside by a dead process comes back", async (t) => {
  const { home, output } = place();
  mkdirSync(join(home, ".out.millrace-wc-dead/replaced"), { recursive: true });
  writeFileSync(join(home, ".out.millrace-wc-dead/replaced/part-00000.txt"), "old");
  const staged = await prepareOutput(output, { overwrite: true, job: nextJob() });
  t.is(readFileSync(join(output, "part-00000.txt"), "utf8"), "old");
  await abandonOutput(staged);
  t.deepEqual(readdirSync(home), ["out"]);
});

test("a full disk fails the write with that cause and leaves no partial file", (t) => {
  const mount = mkdtempSync(join(folder, "tmpfs-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount], { stdio: "ignore" });
  } catch {
    t.log("left out: this machine lets us mount no tmpfs");
    t.pass();
    return;
  }
  try {
    const file = PartFile.create(join(mount, "part"));
    const error = t.throws(() => {
      for (let i = 0; i < 100; i++) file.write(new Uint8Array(10_000));
      file.finish();
    }, { instanceOf: TaskFailure });
    t.is(error.failure.kind, "disk-full");
    t.deepEqual(readdirSync(mount), []);
  } finally {
    execFileSync("umount", [mount]);
  }
});
