import { ReusedRoom } from "../columnar/column-room.js";
import type { BytesColumn, ColumnBatch } from "../columnar/columns.js";
import { gatherBatch } from "../columnar/gather.js";
import { partitionOrder } from "../columnar/kernels/partition.js";
import type { BlockWriter } from "./block-writer.js";
import type { Partitioner } from "./partitioner.js";

/** Splits batches by partition and appends each piece to its segment; rows of a partition keep their order. */
export class PartitionWriter {
  readonly #writer: BlockWriter;
  readonly #partitioner: Partitioner;
  readonly #partitions: number;
  readonly #room = new ReusedRoom();
  readonly #whole: boolean;
  #codes = new Int32Array(0);

  /** `whole`: values travel in place of keys, which are a part of them. */
  constructor(writer: BlockWriter, partitioner: Partitioner, partitions: number, whole = false) {
    this.#writer = writer;
    this.#partitioner = partitioner;
    this.#partitions = partitions;
    this.#whole = whole;
  }

  write(batch: ColumnBatch): void {
    if (this.#codes.length < batch.rows) this.#codes = new Int32Array(batch.rows);
    this.#partitioner(batch.keys, batch.rows, this.#codes);
    const { order, starts } = partitionOrder(this.#codes, batch.rows, this.#partitions);
    const rows = this.#whole ? { rows: batch.rows, keys: batch.values[0] as BytesColumn, values: [] } : batch;
    for (let partition = 0; partition < this.#partitions; partition++) {
      const start = starts[partition]!;
      const end = starts[partition + 1]!;
      if (end > start) this.#writer.append(partition, gatherBatch(rows, order, start, end, this.#room.reset()));
    }
  }
}
