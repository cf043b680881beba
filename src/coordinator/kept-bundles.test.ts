/** A job that nobody follows outlives the loss of all that NATS kept: the coordinator has its bundle, too. */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "nats";
import test, { type ExecutionContext } from "ava";
import { parseJobId } from "../model/ids.js";
import { SUCCESS } from "../storage/layout.js";
import { TestCluster } from "../testing/cluster.js";
import { blobBucket } from "../transport/nats-blobs.js";
import { InProcessTransport } from "../transport/in-process.js";
import { FolderShelf, MemoryShelf } from "./bundle-shelf.js";
import { KeptBundles } from "./kept-bundles.js";

const [one, two] = [parseJobId("one"), parseJobId("two")];
const contents = Buffer.from("export default 1;\n");
const sha256 = createHash("sha256").update(contents).digest("hex");

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bundles-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function storeWithBundle(): Promise<InProcessTransport> {
  const transport = new InProcessTransport();
  await transport.putBlob(sha256, contents);
  return transport;
}

test("a bundle stays until the last job that needs it has ended, and a coordinator that is not in charge removes nothing", async (t) => {
  const folder = temporaryFolder(t);
  let current = true;
  const bundles = new KeptBundles({ shelf: new FolderShelf(folder), transport: await storeWithBundle(), isCurrent: () => current, log: t.fail }, []);
  await Promise.all([bundles.keep(one, sha256), bundles.keep(two, sha256)]);
  t.deepEqual(readdirSync(folder), [`${sha256}.mjs`]);
  bundles.release(one);
  t.deepEqual(readFileSync(join(folder, `${sha256}.mjs`)), contents);
  current = false;
  bundles.release(two);
  t.deepEqual(readdirSync(folder), [`${sha256}.mjs`]);
  current = true;
  await bundles.keep(one, sha256);
  bundles.release(one);
  t.deepEqual(readdirSync(folder), []);
});

test("a start sweeps what no job needs, fills an empty store, and gives it nothing that was changed", async (t) => {
  const folder = temporaryFolder(t);
  const other = "0".repeat(64);
  for (const [name, text] of [[`${sha256}.mjs`, contents], [`${other}.mjs`, "not what its name says"], [`${"1".repeat(64)}.mjs`, "of a job that ended"], [`.${sha256}.mjs.12ab34cd.tmp`, "half"]] as const) writeFileSync(join(folder, name), text);
  const transport = new InProcessTransport();
  const put = new Map<string, Uint8Array>();
  const restored = new Promise<void>((resolve) => {
    transport.putBlob = async (name, bytes) => {
      put.set(name, bytes);
      resolve();
    };
  });
  // In this order: when the second arrives, the first would have.
  const bundles = new KeptBundles({ shelf: new FolderShelf(folder), transport, isCurrent: () => true, log: t.fail }, [[two, other], [one, sha256]]);
  t.deepEqual(readdirSync(folder).sort(), [`${other}.mjs`, `${sha256}.mjs`].sort());
  const following = bundles.follow();
  await restored;
  following.close();
  t.deepEqual([...put], [[sha256, contents]]);
});

test("a copy that was changed is replaced when its bundle comes again", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, `${sha256}.mjs`), "something else");
  const bundles = new KeptBundles({ shelf: new FolderShelf(folder), transport: await storeWithBundle(), isCurrent: () => true, log: t.fail }, [[one, sha256]]);
  await bundles.keep(two, sha256);
  t.deepEqual(readFileSync(join(folder, `${sha256}.mjs`)), contents);
});

test("a bundle whose blob vanishes without a sign is put back while its job lives, from memory too", async (t) => {
  const transport = await storeWithBundle();
  const bundles = new KeptBundles({ shelf: new MemoryShelf(), transport, isCurrent: () => true, log: t.fail, lookEvery: 1 }, []);
  await bundles.keep(one, sha256);
  const following = bundles.follow();
  const put = transport.putBlob.bind(transport);
  for (let times = 0; times < 2; times++) {
    t.deepEqual(
      await new Promise((resolve) => {
        transport.putBlob = async (name, bytes) => (resolve([name, Buffer.from(bytes)]), put(name, bytes));
      }),
      [sha256, contents],
    );
  }
  bundles.release(one);
  following.close();
});

test("bundles that do not fit in memory are left to the store", async (t) => {
  const shelf = new MemoryShelf(5);
  await shelf.write("a", Buffer.alloc(3));
  await shelf.write("b", Buffer.alloc(3));
  t.deepEqual([(await shelf.read("a"))?.length, await shelf.read("b")], [3, undefined]);
  shelf.retain(new Set());
  await shelf.write("b", Buffer.alloc(3));
  t.is((await shelf.read("b"))?.length, 3);
});

/** Each map waits until the file `gate` is there. */
function gated(folder: string): string {
  return `{ name: "gated", input: text(), key: t.utf8(), value: t.float64(), async map(line, emit) {
    const { existsSync } = await import("node:fs");
    while (!existsSync(${JSON.stringify(join(folder, "gate"))})) await new Promise((done) => setTimeout(done, 10));
    emit(line, 1);
  }, reduce: sum(), output: tsv() }`;
}

for (const [when, wipe, stateful = true] of [
  ["by its server's admin, without a disconnect", deleteStore],
  ["by its server's admin, of a coordinator without a state folder", deleteStore, false],
  ["while the coordinator runs", async (cluster: TestCluster) => cluster.restartNats({ wipe: true })],
  [
    "while the coordinator is away",
    async (cluster: TestCluster) => {
      await cluster.member("coordinator").kill();
      await cluster.restartNats({ wipe: true });
      await cluster.startCoordinator();
    },
  ],
] as const satisfies readonly (readonly [string, (cluster: TestCluster) => Promise<void>, boolean?])[]) {
  test.serial(`a detached job goes on when the store is wiped ${when}, on a worker that has nothing of it`, async (t) => {
    const cluster = await TestCluster.start(t, { workers: 1, stateful, lease: "5s" });
    if (cluster === undefined) return;
    const job = cluster.runs.job("gated", gated(cluster.runs.folder));
    const options = { input: cluster.runs.write("in.txt", "a\nb\na\nc\n"), splitSize: 2, partitions: 2 };
    const submitted = cluster.submit(job, options);
    await submitted.accepted;
    submitted.detach();
    await t.throwsAsync(submitted.result, { message: /Detached/ });
    if (stateful) t.is(bundlesOf(cluster).length, 1);

    await wipe(cluster);
    await cluster.startWorker("w2");
    await cluster.member("w1").kill();
    cluster.runs.write("gate", "");
    await cluster.until("the job is done", () => existsSync(join(submitted.output, SUCCESS)), (done) => done, 60_000);
    t.deepEqual(cluster.parts(submitted.output), await cluster.localParts(job, options));
    if (stateful) await cluster.until("the bundle went with its job", () => bundlesOf(cluster), (names) => names.length === 0);
  });
}

async function deleteStore(cluster: TestCluster): Promise<void> {
  const connection = await connect({ servers: cluster.url });
  await (await connection.jetstreamManager()).streams.delete(`OBJ_${blobBucket("default")}`);
  await connection.close();
}

function bundlesOf(cluster: TestCluster): string[] {
  return readdirSync(join(cluster.runs.folder, "state", "bundles"));
}
