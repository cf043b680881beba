/** A reduce gets exactly the rows of its partition, in the order of the maps, or learns which map is lost. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { TaskFailure } from "../errors.js";
import type { Failure } from "../model/failure.js";
import { BlockClient } from "../storage/block-client.js";
import { FaultyProxy, type Fault } from "../testing/faulty-proxy.js";
import { JOB, MapOutputs, TOKEN, type OutputShape } from "../testing/map-outputs.js";
import { BlockServer } from "../worker/block-server.js";
import { BlockStore } from "../worker/block-store.js";
import { fetchPartition, type FetchOptions } from "./fetch-partition.js";
import { IndexCache } from "./index-cache.js";
import type { MapSource } from "./map-source.js";

/** Map outputs on a worker elsewhere, and a reduce that fetches them. */
class Elsewhere {
  readonly store = new BlockStore();
  readonly outputs: MapOutputs;
  readonly client = new BlockClient({ token: TOKEN });
  readonly indexes = new IndexCache(1 << 20);
  server!: BlockServer;

  static async start(t: ExecutionContext, shape: OutputShape, maps: number): Promise<Elsewhere> {
    const elsewhere = new Elsewhere(shape);
    elsewhere.store.openJob(JOB, TOKEN);
    for (let map = 0; map < maps; map++) elsewhere.give(elsewhere.outputs.write(map));
    elsewhere.server = await BlockServer.start({ store: elsewhere.store });
    t.teardown(async () => {
      elsewhere.client.close();
      await elsewhere.server.close();
    });
    return elsewhere;
  }

  private constructor(shape: OutputShape) {
    this.outputs = new MapOutputs(shape);
  }

  /** What the server counted once it has counted so many: it counts behind the last byte. */
  async counted(responses: number): ReturnType<BlockServer["stats"]> {
    for (;;) {
      const stats = await this.server.stats();
      if (Object.values(stats.responses).reduce((sum, count) => sum + count, 0) >= responses) return stats;
    }
  }

  give(attempt: ReturnType<MapOutputs["attempt"]>): void {
    this.store.addMapOutput(attempt, this.outputs.paths(attempt));
  }

  sources(maps: number, address = this.server.address): MapSource[] {
    return Array.from({ length: maps }, (_, map) => ({ identity: this.outputs.attempt(map), address }));
  }

  async keys(sources: readonly MapSource[], options: Partial<FetchOptions> = {}): Promise<string[]> {
    const { client, indexes } = this;
    const found: string[] = [];
    for await (const { rows, keys } of fetchPartition(sources, { partition: 1, partitions: this.outputs.shape.partitions, kinds: ["float64"], client, indexes, bytesAhead: 1 << 20, ...options })) {
      for (let row = 0; row < rows; row++) found.push(Buffer.from(keys.bytes.subarray(keys.offsets[row], keys.offsets[row + 1])).toString());
    }
    return found;
  }

  async failure(sources: readonly MapSource[], options: Partial<FetchOptions> = {}): Promise<Failure> {
    try {
      await this.keys(sources, options);
    } catch (error) {
      if (error instanceof TaskFailure) return error.failure;
      throw error;
    }
    throw new Error("Nothing failed");
  }
}

test("rows come from elsewhere in the order of the maps, whatever may lie ahead in memory", async (t) => {
  const elsewhere = await Elsewhere.start(t, { partitions: 3, batches: 4, rows: 100 }, 40);
  for (const bytesAhead of [1, 5_000, 1 << 20]) {
    for (const partition of [0, 1, 2]) t.deepEqual(await elsewhere.keys(elsewhere.sources(40), { bytesAhead, partition }), elsewhere.outputs.expected(partition, 40));
  }
  const { connections } = await elsewhere.server.stats();
  t.true(connections <= 4, `${connections} connections`);
});

test("files are opened on the same host, and nobody is asked", async (t) => {
  const elsewhere = await Elsewhere.start(t, { partitions: 2, batches: 2, rows: 10 }, 5);
  const here = elsewhere.sources(5).map((source) => ({ ...source, files: elsewhere.outputs.paths(elsewhere.outputs.attempt(Number(source.identity.split("_")[2]))) }));
  t.deepEqual(await elsewhere.keys(here), elsewhere.outputs.expected(1, 5));
  t.deepEqual((await elsewhere.server.stats()).responses, {});
});

test("a file that is missing or damaged here is fetched from its worker", async (t) => {
  const elsewhere = await Elsewhere.start(t, { partitions: 2, batches: 2, rows: 10 }, 3);
  const copy = new MapOutputs(elsewhere.outputs.shape);
  const here = elsewhere.sources(3).map((source, map) => ({ ...source, files: copy.paths(copy.write(map)) }));
  rmSync(here[0]!.files.index);
  rmSync(here[1]!.files.data);
  writeFileSync(here[2]!.files.data, readFileSync(here[2]!.files.data).fill(0, 200));
  t.deepEqual(await elsewhere.keys(here), elsewhere.outputs.expected(1, 3));
  const failure = await elsewhere.failure(here.map((source) => ({ ...source, address: "" })));
  t.deepEqual([failure.kind, failure.lostMap], ["fetch-failed", { index: 0, attempt: 0 }]);
});

test("only the bytes of the partition are sent, and indexes once", async (t) => {
  const shape = { partitions: 10, batches: 1, rows: 1000, padding: 100 };
  const elsewhere = await Elsewhere.start(t, shape, 4);
  await elsewhere.keys(elsewhere.sources(4));
  const first = await elsewhere.counted(8);
  t.deepEqual(first.responses, { 200: 4, 206: 4 });
  t.true(first.bytes < 4 * 130_000);
  await elsewhere.keys(elsewhere.sources(4), { partition: 2 });
  t.deepEqual((await elsewhere.counted(12)).responses, { 200: 4, 206: 8 });
});

test("neighbouring blocks come in one request", async (t) => {
  const elsewhere = await Elsewhere.start(t, { partitions: 1, batches: 30, rows: 10 }, 2);
  t.deepEqual(await elsewhere.keys(elsewhere.sources(2), { partition: 0 }), elsewhere.outputs.expected(0, 2));
  t.deepEqual((await elsewhere.counted(4)).responses, { 200: 2, 206: 2 });
});

test("hundreds of maps of many partitions need a few connections", async (t) => {
  const elsewhere = await Elsewhere.start(t, { partitions: 100, batches: 1, rows: 1 }, 400);
  t.deepEqual(await elsewhere.keys(elsewhere.sources(400), { partition: 99 }), elsewhere.outputs.expected(99, 400));
  t.true((await elsewhere.server.stats()).connections <= 4);
});

test("a map that is not there, of another job, or whose worker is gone, is lost by name", async (t) => {
  const elsewhere = await Elsewhere.start(t, { partitions: 2, batches: 1, rows: 10 }, 6);
  elsewhere.store.remove(elsewhere.outputs.attempt(4));
  t.deepEqual((await elsewhere.failure(elsewhere.sources(6))).lostMap, { index: 4, attempt: 0 });
  const stranger = new BlockClient({ token: "e".repeat(32) });
  t.regex((await elsewhere.failure(elsewhere.sources(6), { client: stranger, indexes: new IndexCache(0) })).message, /wc-1_m_00000_0 .* answered 403/);
  stranger.close();
  await elsewhere.server.close();
  const { kind, lostMap, message } = await elsewhere.failure(elsewhere.sources(6), { indexes: new IndexCache(0) });
  t.deepEqual([kind, lostMap], ["fetch-failed", { index: 0, attempt: 0, unreachable: true }]);
  t.regex(message, /ECONNREFUSED/);
});

/** What the first connections of a fetch through a proxy meet; later ones are sound. */
async function through(t: ExecutionContext, elsewhere: Elsewhere, faults: readonly Fault[]): Promise<MapSource[]> {
  const proxy = await FaultyProxy.start(elsewhere.server.address, (connection) => faults[connection] ?? { type: "none" });
  t.teardown(() => proxy.close());
  return elsewhere.sources(1, proxy.address);
}

/** What is only slow on a busy machine must not count as silent where the answer matters. */
const impatient = (patience: number): Partial<FetchOptions> => ({ indexes: new IndexCache(0), client: new BlockClient({ token: TOKEN, patience, connections: 1 }) });

for (const type of ["cut", "stall", "flip"] as const) {
  test(`a transfer that meets a ${type} is fetched once more`, async (t) => {
    const elsewhere = await Elsewhere.start(t, { partitions: 2, batches: 1, rows: 2000 }, 1);
    const indexBytes = readFileSync(elsewhere.outputs.paths(elsewhere.outputs.attempt(0)).index).length;
    // Within the headers, the index, the headers of the data, and the data.
    for (const at of [100, 220, indexBytes + 200, indexBytes + 5_000]) {
      t.deepEqual(await elsewhere.keys(await through(t, elsewhere, [{ type, at }]), impatient(1500)), elsewhere.outputs.expected(1, 1), `${type} at ${at}`);
    }
  });
}

for (const type of ["cut", "stall"] as const) {
  test(`a transfer that always meets a ${type} loses the map`, async (t) => {
    const elsewhere = await Elsewhere.start(t, { partitions: 2, batches: 1, rows: 2000 }, 1);
    for (const at of [0, 100, 5_000]) {
      const { kind, lostMap } = await elsewhere.failure(await through(t, elsewhere, Array.from({ length: 10 }, () => ({ type, at }))), impatient(200));
      t.deepEqual([kind, lostMap], ["fetch-failed", { index: 0, attempt: 0 }]);
    }
  });
}

test("a server that dies in the midst of a partition loses the maps that were not read yet", async (t) => {
  const elsewhere = await Elsewhere.start(t, { partitions: 2, batches: 1, rows: 3000 }, 10);
  const { client, indexes } = elsewhere;
  let rows = 0;
  const error = await t.throwsAsync(async () => {
    for await (const batch of fetchPartition(elsewhere.sources(10), { partition: 1, partitions: 2, kinds: ["float64"], client, indexes, bytesAhead: 1 })) {
      rows += batch.rows;
      if (rows === 6000) await elsewhere.server.close();
    }
  }, { instanceOf: TaskFailure });
  t.is((error as TaskFailure).failure.kind, "fetch-failed");
  t.is((error as TaskFailure).failure.lostMap?.index, rows / 3000);
});
