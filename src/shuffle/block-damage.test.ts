/**
 * R3 of the reliability scoreboard: of every kind of damage to map outputs that rest on a worker's disk, how
 * much is noticed by a reduce that fetches them from the real block server. Undetected must be 0.
 */
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import test from "ava";
import { TaskFailure } from "../errors.js";
import { BlockClient } from "../storage/block-client.js";
import { JOB, MapOutputs, TOKEN } from "../testing/map-outputs.js";
import { numbers } from "../testing/nasty-keys.js";
import { BlockServer } from "../worker/block-server.js";
import { BlockStore } from "../worker/block-store.js";
import { decodeIndex, type BlockEntry } from "./block-index.js";
import { fetchPartition } from "./fetch-partition.js";
import { IndexCache } from "./index-cache.js";

const MUTATIONS = 200;
const PARTITIONS = 4;

const outputs = new MapOutputs({ partitions: PARTITIONS, batches: 2, rows: 60 });
const map = outputs.write(0, 1);
// Equal maps write equal blocks, whichever attempt it is; this one's rows differ.
const others = new MapOutputs({ ...outputs.shape, padding: 12 });
const older = others.paths(others.write(0, 0));
const { data, index } = outputs.paths(map);
const sound = { data: readFileSync(data), index: readFileSync(index) };
const { blocks } = decodeIndex(sound.index, map);

/** Each damages something that the reduce of `partition` must read. */
type Damage = (random: () => number, partition: number) => void;

const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
const blockOf = (random: () => number, partition: number): BlockEntry => pick(random, blocks.filter((block) => block.segment === partition));
const flipped = (bytes: Buffer, at: number, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1 << bit;
  return copy;
};

const KINDS: Readonly<Record<string, Damage>> = {
  "bit flipped": (random, partition) => {
    const { offset, length } = blockOf(random, partition);
    const inIndex = random() < 0.3;
    if (inIndex) writeFileSync(index, flipped(sound.index, Math.floor(random() * sound.index.length), Math.floor(random() * 8)));
    else writeFileSync(data, flipped(sound.data, offset + Math.floor(random() * length), Math.floor(random() * 8)));
  },
  "cut short, also where a block ends": (random, partition) => {
    const { offset, length } = blockOf(random, partition);
    if (random() < 0.3) truncateSync(index, Math.floor(random() * sound.index.length));
    else truncateSync(data, random() < 0.3 ? offset : offset + Math.floor(random() * length));
  },
  "block or stretch of it zeroed": (random, partition) => {
    const { offset, length } = blockOf(random, partition);
    const from = random() < 0.5 ? 0 : Math.floor(random() * (length - 64));
    const copy = Buffer.from(sound.data);
    copy.fill(0, offset + from, from === 0 ? offset + length : offset + from + 64);
    // Where zeros stood already nothing is damaged.
    if (copy.equals(sound.data)) copy.fill(0, offset, offset + length);
    writeFileSync(data, copy);
  },
  "swapped with another partition's block": (random, partition) => {
    const here = blockOf(random, partition);
    const there = blockOf(random, (partition + 1 + Math.floor(random() * (PARTITIONS - 1))) % PARTITIONS);
    const copy = Buffer.from(sound.data);
    sound.data.copy(copy, here.offset, there.offset, there.offset + Math.min(here.length, there.length));
    writeFileSync(data, copy);
  },
  "replaced by an older attempt's file": (random) => {
    const which = Math.floor(random() * 3);
    if (which !== 0) copyFileSync(older.data, data);
    if (which !== 1) copyFileSync(older.index, index);
  },
  "deleted or emptied": (random) => {
    const path = random() < 0.5 ? data : index;
    if (random() < 0.5) rmSync(path);
    else writeFileSync(path, "");
  },
};

test(`of ${Object.keys(KINDS).length} kinds of damage, ${MUTATIONS} times each, every one is noticed and names the map`, async (t) => {
  const store = new BlockStore();
  store.openJob(JOB, TOKEN);
  store.addMapOutput(map, { data, index });
  const server = await BlockServer.start({ store });
  const client = new BlockClient({ token: TOKEN });
  t.teardown(async () => {
    client.close();
    await server.close();
  });
  const fetched = async (partition: number): Promise<string> => {
    const rows: string[] = [];
    const options = { partition, partitions: PARTITIONS, kinds: ["float64"] as const, client, indexes: new IndexCache(0), bytesAhead: 1 << 20 };
    for await (const batch of fetchPartition([{ identity: map, address: server.address }], options)) rows.push(Buffer.from(batch.keys.bytes).toString());
    return rows.join("");
  };
  t.is(await fetched(2), outputs.expected(2, 1).join(""));
  const random = numbers(3);
  for (const [kind, damage] of Object.entries(KINDS)) {
    let detected = 0;
    for (let mutation = 0; mutation < MUTATIONS; mutation++) {
      const partition = Math.floor(random() * PARTITIONS);
      damage(random, partition);
      const outcome = await fetched(partition).catch((error: unknown) => error);
      if (outcome instanceof TaskFailure && outcome.failure.kind === "fetch-failed" && outcome.failure.lostMap?.index === 0 && outcome.failure.lostMap.attempt === 1) detected++;
      writeFileSync(data, sound.data);
      writeFileSync(index, sound.index);
    }
    t.log(`${kind}: ${detected} of ${MUTATIONS} detected`);
    t.is(detected, MUTATIONS, kind);
  }
});
