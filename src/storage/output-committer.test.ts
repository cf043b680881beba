import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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

/** Where a coordinator of epoch 1 may be when it freezes or dies in the midst of a commit; its successor has epoch 2. */
const momentsOfCommit: Readonly<Record<string, (home: string, output: string, staging: string) => void>> = {
  "before its first step": () => {},
  "when it has claimed what the attempts wrote": (_home, _output, staging) => renameSync(staging, `${staging}.e1`),
  "when it has moved a part": (_home, _output, staging) => {
    renameSync(staging, `${staging}.e1`);
    mkdirSync(`${staging}.e1/finished`);
    renameSync(`${staging}.e1/wc-a_m_00000_0.txt`, `${staging}.e1/finished/part-00000.txt`);
  },
  "when it has put the old output aside": (_home, output, staging) => {
    renameSync(staging, `${staging}.e1`);
    mkdirSync(`${staging}.e1/finished`);
    renameSync(`${staging}.e1/wc-a_m_00000_0.txt`, `${staging}.e1/finished/part-00000.txt`);
    renameSync(output, `${staging}.e1/replaced`);
  },
  "when it has published but not cleaned up": (_home, output, staging) => {
    renameSync(output, `${staging}.old`);
    mkdirSync(output);
    renameSync(`${staging}/wc-a_m_00000_0.txt`, join(output, "part-00000.txt"));
    writeFileSync(join(output, "_SUCCESS"), JSON.stringify(manifestOf("wc-moment")));
    renameSync(staging, `${staging}.e1`);
    renameSync(`${staging}.old`, `${staging}.e1/replaced`);
  },
};

for (const [when, freeze] of Object.entries(momentsOfCommit)) {
  test(`a commit that a coordinator left ${when} is finished by the next one, and the first can change nothing when it wakes up`, async (t) => {
    const { home, output } = place();
    const old = await prepareOutput(output, { overwrite: true, job: nextJob() });
    await commitOutput(old, 1, { parts: [writePart(old.staging, "wc-o_m_00000_0", "old")], quarantine: [], manifest: manifestOf(old.job) });
    const staged = await prepareOutput(output, { overwrite: true, job: jobId("wc", "moment"), keptBy: "state" });
    const part = writePart(staged.staging, "wc-a_m_00000_0", "new");
    const content = { parts: [part], quarantine: [], manifest: manifestOf(staged.job) };
    freeze(home, output, staged.staging);
    await commitOutput(staged, 2, content);
    t.deepEqual(readdirSync(home), ["out"]);
    t.is(readFileSync(join(output, "part-00000.txt"), "utf8"), "new");
    // The successor's job is over and the next one writes there.
    const next = await prepareOutput(output, { overwrite: true, job: nextJob() });
    await commitOutput(next, 2, { parts: [writePart(next.staging, "wc-b_m_00000_0", "next")], quarantine: [], manifest: manifestOf(next.job) });
    await t.throwsAsync(commitOutput(staged, 1, content), { instanceOf: TaskFailure });
    t.is(readFileSync(join(output, "part-00000.txt"), "utf8"), "next");
    t.deepEqual(readdirSync(home), ["out"]);
  });
}

test("a frozen commit whose folder the successor has claimed can neither publish nor put the old output aside", async (t) => {
  const { home, output } = place();
  const staged = await prepareOutput(output, { overwrite: true, job: nextJob() });
  const part = writePart(staged.staging, "wc-a_m_00000_0", "new");
  renameSync(staged.staging, `${staged.staging}.e2`);
  t.throws(() => renameSync(`${staged.staging}.e1/finished`, output), { code: "ENOENT" });
  await commitOutput(staged, 2, { parts: [part], quarantine: [], manifest: manifestOf(staged.job) });
  t.deepEqual(readdirSync(home), ["out"]);
});

test("a coordinator that wakes up before its first step cannot take the commit back from its successor", async (t) => {
  const { home, output } = place();
  const staged = await prepareOutput(output, { overwrite: true, job: nextJob() });
  const content = { parts: [writePart(staged.staging, "wc-a_m_00000_0", "new")], quarantine: [], manifest: manifestOf(staged.job) };
  renameSync(staged.staging, `${staged.staging}.e10`);
  await t.throwsAsync(commitOutput(staged, 9, content), { instanceOf: TaskFailure, message: /a later coordinator commits it/ });
  t.true(existsSync(`${staged.staging}.e10`));
  await commitOutput(staged, 10, content);
  t.deepEqual(readdirSync(home), ["out"]);
});

test("of two coordinators that commit at the same moment the later one succeeds, and the output is there once", async (t) => {
  for (let round = 0; round < 100; round++) {
    const { home, output } = place();
    const staged = await prepareOutput(output, { overwrite: false, job: nextJob(), keptBy: "state" });
    const content = { parts: [writePart(staged.staging, "wc-a_m_00000_0", "new")], quarantine: [], manifest: manifestOf(staged.job) };
    const earlier = commitOutput(staged, 1, content).catch((error: unknown) => error);
    // Some turns of the event loop apart, another number in each round.
    for (let turn = 0; turn < round % 25; turn++) await new Promise(setImmediate);
    await t.notThrowsAsync(commitOutput(staged, 2, content), `round ${round}`);
    await earlier;
    t.is(readFileSync(join(output, "part-00000.txt"), "utf8"), "new");
    t.deepEqual(readdirSync(home), ["out"]);
  }
});

test("the output of a job that a state folder keeps is not taken over though its process is gone", async (t) => {
  const { output } = place();
  const script = `import { prepareOutput } from ${JSON.stringify(new URL("output-committer.js", import.meta.url).href)}; await prepareOutput(${JSON.stringify(output)}, { overwrite: false, job: "wc-kept", keptBy: "/the/state" });`;
  execFileSync(process.execPath, ["--input-type=module", "-e", script]);
  await t.throwsAsync(prepareOutput(output, { overwrite: false, job: nextJob() }), { instanceOf: OutputError, message: /wc-kept of the coordinator whose state is in \/the\/state/ });
  await abandonOutput(await prepareOutput(output, { overwrite: false, job: jobId("wc", "kept"), keptBy: "/the/state" }));
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
