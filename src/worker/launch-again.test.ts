import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { workerId } from "../model/ids.js";
import { encode } from "../protocol/codec.js";
import { ClusterInProcess } from "../testing/cluster-in-process.js";

test("a launch that comes again, since its acknowledgement was lost, starts nothing a second time", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-launch-again-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [input, module, gate, ran] = ["in.txt", "job.ts", "gate", "ran"].map((name) => join(folder, name)) as [string, string, string, string];
  writeFileSync(input, "a\n");
  writeFileSync(module, `import { appendFileSync, existsSync } from "node:fs"; import { defineJob, text } from "millrace";
export default defineJob({ name: "gated", input: text(), async map(line: string, emit) {
  appendFileSync(${JSON.stringify(ran)}, "x");
  while (!existsSync(${JSON.stringify(gate)})) await new Promise((done) => setTimeout(done, 5));
  emit(line);
}, output: text() });\n`);
  const cluster = new ClusterInProcess(folder);
  t.teardown(() => cluster.close());
  let again: Promise<unknown> | undefined;
  await cluster.startCoordinator(({ way, message }) => {
    if (way !== "out" || message.type !== "launch-attempt") return true;
    // The second one is not acknowledged before the first, and a second run would have begun by the time that the first ends.
    again ??= new Promise((resolve) => setImmediate(resolve)).then(async () => {
      for (let times = 0; times < 3; times++) await cluster.transport.request(cluster.subjects.worker(workerId("w1")), encode(message), 10_000);
      writeFileSync(gate, "");
    });
    return true;
  });
  await cluster.startWorker("w1", 2);
  t.deepEqual(await cluster.run(await cluster.prepare(module, [input])), ["a\n"]);
  await again;
  t.true(existsSync(ran));
  t.is(readFileSync(ran, "utf8"), "x");
});
