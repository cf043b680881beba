import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { jobId } from "../model/ids.js";
import { FileLogs, MemoryLogs, type JobLogs } from "./job-logs.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-logs-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const job = jobId("wc", "1");
const other = jobId("wc", "2");
const kinds: Readonly<Record<string, { readonly make: () => JobLogs; readonly limit: number }>> = {
  "in memory": { make: () => new MemoryLogs(), limit: 1 << 20 },
  "in files": { make: () => new FileLogs(mkdtempSync(join(folder, "logs-"))), limit: 64 << 20 },
};

/** All of a log, as a client reads it. */
async function readAll(logs: JobLogs): Promise<string> {
  let text = "";
  for (let from = 0; ; ) {
    const piece = await logs.read(job, from);
    if (piece.next === from) return text;
    text += piece.text;
    from = piece.next;
  }
}

for (const [where, { make, limit }] of Object.entries(kinds)) {
  test(`${where}: what was appended is read in order, of each job its own, from wherever one stopped`, async (t) => {
    const logs = make();
    t.deepEqual(await logs.read(job, 0), { text: "", next: 0 });
    logs.append(job, "one\n");
    logs.append(other, "not this\n");
    logs.append(job, "two\n");
    t.deepEqual(await logs.read(job, 0), { text: "one\ntwo\n", next: 8 });
    t.deepEqual(await logs.read(job, 4), { text: "two\n", next: 8 });
    t.deepEqual(await logs.read(job, 8), { text: "", next: 8 });
    logs.append(job, "three\n");
    t.deepEqual(await logs.read(job, 8), { text: "three\n", next: 14 });
    await logs.forget(job);
    t.deepEqual(await logs.read(job, 0), { text: "", next: 0 });
    t.is((await logs.read(other, 0)).text, "not this\n");
    await logs.close();
  });

  test(`${where}: a long log comes in pieces of whole characters`, async (t) => {
    for (const shift of ["", "x", "xy", "xyz"]) {
      const logs = make();
      const text = shift + "\u{1f600}".repeat(100_000);
      logs.append(job, text);
      t.true((await readAll(logs)) === text);
      await logs.close();
    }
  });

  test(`${where}: of a log that is full the beginning is kept, and a line says so`, async (t) => {
    const logs = make();
    const line = `${"ä".repeat(500)}\n`;
    const chunk = line.repeat(1_000);
    for (let bytes = 0; bytes <= limit; bytes += Buffer.byteLength(chunk)) logs.append(job, chunk);
    logs.append(job, "too late\n");
    const text = await readAll(logs);
    const end = "\n[the log is full: what follows was left out]\n";
    t.true(text.endsWith(end));
    const kept = text.slice(0, -end.length);
    t.true(Math.abs(Buffer.byteLength(kept) - limit) < 4, String(Buffer.byteLength(kept)));
    t.true(kept === chunk.repeat(Math.ceil(kept.length / chunk.length)).slice(0, kept.length));
    await logs.close();
  });
}

test("files go on where an earlier coordinator stopped, and those of forgotten jobs are gone", async (t) => {
  const place = mkdtempSync(join(folder, "logs-"));
  const first = new FileLogs(place);
  first.append(job, "before\n");
  await first.close();
  const second = new FileLogs(place);
  second.append(job, "after\n");
  t.is(await readAll(second), "before\nafter\n");
  t.is(readdirSync(place).length, 1);
  await second.forget(job);
  t.deepEqual(readdirSync(place), []);
});

test("a log that cannot be written is dropped, for it must not stop a job", async (t) => {
  const logs = new FileLogs(join(folder, "nowhere"));
  logs.append(job, "lost\n");
  t.deepEqual(await logs.read(job, 0), { text: "", next: 0 });
  await logs.close();
});
