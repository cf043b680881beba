import type { TypeSpec } from "../model/type-spec.js";
import { showValue } from "../model/show-value.js";
import { decoderFor } from "../columnar/codec.js";
import type { BytesColumn } from "../columnar/columns.js";
import { hashPartition, rangePartition } from "../columnar/kernels/partition.js";

/** Writes the partition (0 to partitions - 1) of each key to `out`. */
export type Partitioner = (keys: BytesColumn, rows: number, out: Int32Array) => void;

export type PartitionRule =
  | { readonly type: "hash" }
  /** Upper bounds, exclusive, of partitions 0 to R - 2, as encoded keys. */
  | { readonly type: "range"; readonly splitters: readonly Uint8Array[] }
  | { readonly type: "function"; readonly choose: (key: never, partitions: number) => unknown; readonly key: TypeSpec };

/** Whatever the rule, a key always goes to the same partition: it sees the key and nothing else. */
export function partitioner(rule: PartitionRule, partitions: number): Partitioner {
  if (partitions === 1 && rule.type !== "function") return (_, rows, out) => void out.fill(0, 0, rows);
  switch (rule.type) {
    case "hash":
      return (keys, rows, out) => hashPartition(keys, rows, partitions, out);
    case "range":
      return (keys, rows, out) => rangePartition(keys, rows, rule.splitters, out);
    case "function": {
      const decode = decoderFor(rule.key);
      return ({ offsets, bytes }, rows, out) => {
        for (let row = 0; row < rows; row++) {
          const key = decode(bytes, offsets[row]!, offsets[row + 1]!);
          out[row] = checked(rule.choose(key as never, partitions), key, partitions);
        }
      };
    }
  }
}

function checked(partition: unknown, key: unknown, partitions: number): number {
  if (typeof partition === "number" && Number.isInteger(partition) && partition >= 0 && partition < partitions) return partition;
  throw new TypeError(`partition: expected a whole number from 0 to ${partitions - 1} for the key ${showValue(key)}, got ${showValue(partition)}`);
}
