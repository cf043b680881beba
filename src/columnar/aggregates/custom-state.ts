import { deserialize, serialize } from "node:v8";
import type { CustomAggregator } from "../../job/aggregators.js";
import { ByteSink } from "../byte-sink.js";
import type { BytesColumn, Column, ColumnKind } from "../columns.js";
import type { ValueLayout } from "../value-layout.js";
import { valueReader, type ReadValue } from "../value-reader.js";
import type { AggregateState } from "./aggregate-state.js";

/** A job's own { zero, add, merge, finish }; accumulators travel as structured clones. */
export class CustomState implements AggregateState {
  readonly kinds: readonly ColumnKind[] = ["bytes"];
  readonly #aggregator: CustomAggregator<unknown, unknown, unknown>;
  readonly #read: ReadValue;
  #accumulators: unknown[] = [];
  #bytes = 0;

  constructor(aggregator: CustomAggregator<never, never, unknown>, layout: ValueLayout) {
    this.#aggregator = aggregator as unknown as CustomAggregator<unknown, unknown, unknown>;
    this.#read = valueReader(layout);
  }

  /** A guess: what an accumulator holds shows only when it is exported. */
  get bytes(): number {
    return 128 * this.#accumulators.length + this.#bytes;
  }

  grow(groups: number): void {
    const { zero } = this.#aggregator;
    while (this.#accumulators.length < groups) this.#accumulators.push(typeof zero === "function" ? (zero as () => unknown)() : structuredClone(zero));
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    for (let row = 0; row < rows; row++) {
      const accumulator = this.#accumulators[codes[row]!];
      this.#accumulators[codes[row]!] = this.#aggregator.add(accumulator, this.#read(values, row)) ?? accumulator;
    }
    for (const column of values) if (column.kind === "bytes") this.#bytes += column.offsets[rows]! - column.offsets[0]!;
  }

  merge(codes: Int32Array, [partial]: readonly Column[], rows: number): void {
    const { offsets, bytes } = partial as BytesColumn;
    this.#bytes += offsets[rows]! - offsets[0]!;
    for (let row = 0; row < rows; row++) {
      const accumulator = this.#accumulators[codes[row]!];
      const other = deserialize(bytes.subarray(offsets[row], offsets[row + 1])) as unknown;
      this.#accumulators[codes[row]!] = this.#aggregator.merge(accumulator, other) ?? accumulator;
    }
  }

  export(groups: Int32Array, rows: number): Column[] {
    const sink = new ByteSink();
    const offsets = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      sink.append(serialize(this.#accumulators[groups[row]!]));
      offsets[row + 1] = sink.length;
    }
    return [{ kind: "bytes", offsets, bytes: sink.bytes }];
  }

  finish(group: number): unknown {
    const accumulator = this.#accumulators[group];
    return this.#aggregator.finish === undefined ? accumulator : this.#aggregator.finish(accumulator);
  }

  clear(): void {
    this.#accumulators = [];
    this.#bytes = 0;
  }
}
