import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { decodeBatch } from "../columnar/ipc-batch.js";
import type { ColumnBatch } from "../columnar/columns.js";
import { blockSum, DamagedBlockError, decodeIndex, type BlockEntry, type BlockIndex } from "./block-index.js";
import type { BlockFileShape } from "./block-writer.js";

/** Gives the memory, at a multiple of 8, into which so many bytes of blocks with so many rows are read. */
export type BlockMemory = (bytes: number, rows: number) => Uint8Array;

/** Reads the blocks of one segment of a block file in the order they were written, each verified before it is parsed. */
export class BlockReader {
  readonly #shape: BlockFileShape;
  readonly #file: number;
  readonly #index: BlockIndex;

  constructor(shape: BlockFileShape) {
    this.#shape = shape;
    this.#index = decodeIndex(readFileSync(shape.index), shape.identity);
    if (this.#index.segments !== shape.segments) throw new DamagedBlockError(`${shape.identity} has ${this.#index.segments} segments, expected ${shape.segments}`);
    this.#file = openSync(shape.data, "r");
  }

  blocks(segment: number): readonly BlockEntry[] {
    return this.#index.blocks.filter((block) => block.segment === segment);
  }

  /** The rows of a block, as views of the memory that it is read into. */
  read(block: BlockEntry, memory: BlockMemory = ownMemory): ColumnBatch {
    return decodeBlock(this.#shape, block, this.#fill(block, memory(block.length, block.rows)));
  }

  close(): void {
    closeSync(this.#file);
  }

  #fill(block: BlockEntry, bytes: Uint8Array): Uint8Array {
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(this.#file, bytes, done, bytes.length - done, block.offset + done);
      if (count === 0) throw new DamagedBlockError(`${this.#shape.identity} ends ${bytes.length - done} bytes too early`);
      done += count;
    }
    return bytes;
  }
}

// Not from Node's pool: the columns are views of this memory and must start 8-byte aligned.
const ownMemory: BlockMemory = (bytes) => new Uint8Array(bytes);

/** Verifies the bytes of a block, wherever they came from, and gives its rows. */
export function decodeBlock(shape: Pick<BlockFileShape, "identity" | "kinds">, block: BlockEntry, bytes: Uint8Array): ColumnBatch {
  if (bytes.length !== block.length) throw new DamagedBlockError(`A block of ${shape.identity} has ${bytes.length} bytes, expected ${block.length}`);
  if (blockSum(shape.identity, block.segment, bytes) !== block.sum) throw new DamagedBlockError(`A block of ${shape.identity} fails its checksum`);
  const batch = decodeBatch(bytes, shape.kinds);
  if (batch.rows !== block.rows) throw new DamagedBlockError(`A block of ${shape.identity} has ${batch.rows} rows, expected ${block.rows}`);
  return batch;
}
