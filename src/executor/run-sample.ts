/**
 * A sample attempt: runs the map over a little of the input and reports some of the keys, from which the coordinator
 * places the bounds of range partitions. Nothing is written, nothing counted.
 */
import { PairBuffer } from "../columnar/pair-buffer.js";
import type { ColumnBatch } from "../columnar/columns.js";
import { valueLayout } from "../columnar/value-layout.js";
import type { Split } from "../model/split.js";
import type { AttemptScope } from "./attempt-scope.js";
import { overlook } from "./bad-records.js";
import { mapInto, type Finished } from "./run-map.js";
import type { MapSink } from "./map-sink.js";
import { TaskRandom } from "./task-random.js";
import { parseAttemptId } from "../model/ids.js";

/** Keys that one sample reports at most. */
const KEYS = 256;
/** Only the head of a long key matters for a bound. */
const KEY_BYTES = 64;

export async function runSample(scope: AttemptScope, splits: readonly Split[]): Promise<Finished> {
  const sample = new KeySample(new TaskRandom(parseAttemptId(scope.order.attempt).task));
  const { key, value } = scope.job.spec.shuffle!;
  const pairs = new PairBuffer(key, valueLayout(value, false), { maxRows: 1 << 15, maxBytes: 1 << 20 }, (batch) => sample.add(batch));
  const sink: MapSink = {
    emit: pairs.emit as MapSink["emit"],
    broken: undefined,
    spills: 0,
    settle: () => pairs.settle(),
    // A bad record's keys may stay: the map stage will judge it.
    takeBack: () => true,
    finish: () => {
      throw new Error("A sample has no output");
    },
    abandon: () => {},
  };
  await mapInto(scope, splits, sink, overlook);
  pairs.flush();
  return { result: { type: "sample", keys: sample.keys() }, stats: { records: 0, bytesRead: 0, badRecords: 0, spills: 0 } };
}

/** A uniform sample of a stream of keys (Vitter's algorithm R). */
class KeySample {
  readonly #kept: Uint8Array[] = [];
  readonly #random: TaskRandom;
  #seen = 0;

  constructor(random: TaskRandom) {
    this.#random = random;
  }

  add({ rows, keys: { offsets, bytes } }: ColumnBatch): void {
    for (let row = 0; row < rows; row++) {
      const place = this.#seen < KEYS ? this.#seen : Math.floor(this.#random.next() * (this.#seen + 1));
      this.#seen++;
      if (place < KEYS) this.#kept[place] = bytes.slice(offsets[row], Math.min(offsets[row + 1]!, offsets[row]! + KEY_BYTES));
    }
  }

  keys(): string[] {
    return this.#kept.map((key) => Buffer.from(key).toString("base64"));
  }
}
