import { ReusedRoom } from "../columnar/column-room.js";
import type { ColumnBatch } from "../columnar/columns.js";
import { gatherBatch } from "../columnar/gather.js";
import { partitionOrder } from "../columnar/kernels/partition.js";
import { hasKernels } from "../columnar/kernels/wasm.js";
import { partitioner, type Partitioner } from "./partitioner.js";
import { RowScatter, type RowScatterOptions } from "./row-scatter.js";

/** Splits batches by partition and appends each piece to its segment; rows of a partition keep their order. */
export interface PartitionWriter {
  write(batch: ColumnBatch): void;
  /** Appends what is held back. */
  flush(): void;
}

export function openPartitionWriter(options: RowScatterOptions): PartitionWriter {
  return (hasKernels ? RowScatter.within(options) : undefined) ?? new PlainPartitions(options);
}

/** Without kernels: each batch is sorted by partition, and its pieces are appended at once. */
export class PlainPartitions implements PartitionWriter {
  readonly #options: Pick<RowScatterOptions, "partitions" | "append">;
  readonly #partitioner: Partitioner;
  readonly #room = new ReusedRoom();
  #codes = new Int32Array(0);

  constructor(options: Pick<RowScatterOptions, "rule" | "partitions" | "append">) {
    this.#options = options;
    this.#partitioner = partitioner(options.rule, options.partitions);
  }

  write(batch: ColumnBatch): void {
    const { partitions, append } = this.#options;
    if (this.#codes.length < batch.rows) this.#codes = new Int32Array(batch.rows);
    this.#partitioner(batch.keys, batch.rows, this.#codes);
    const { order, starts } = partitionOrder(this.#codes, batch.rows, partitions);
    for (let partition = 0; partition < partitions; partition++) {
      const start = starts[partition]!;
      const end = starts[partition + 1]!;
      if (end > start) append(partition, gatherBatch(batch, order, start, end, this.#room.reset()));
    }
  }

  flush(): void {}
}
