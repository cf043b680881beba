import { closeSync, fstatSync, openSync, rmSync, writeSync } from "node:fs";
import type { ColumnBatch, ColumnKind } from "../columnar/columns.js";
import { encodeBatch, encodeSchema, END_OF_STREAM } from "../columnar/ipc-batch.js";
import { writeFailure } from "../storage/write-failure.js";
import { blockCrc, encodeIndex, type BlockEntry } from "./block-index.js";

/** What a block file is, and who wrote it: `identity` is an attempt id, with a suffix for its spill files. */
export interface BlockFileShape {
  /** Paths of the two files. */
  readonly data: string;
  readonly index: string;
  readonly identity: string;
  readonly segments: number;
  /** Kinds of the value columns; the key column is always bytes. */
  readonly kinds: readonly ColumnKind[];
}

export interface WrittenBlocks {
  readonly rows: number;
  /** Bytes of data and index. */
  readonly bytes: number;
}

/** Writes one block file, front to back; the index follows at the end. */
export class BlockWriter {
  readonly #shape: BlockFileShape;
  readonly #blocks: BlockEntry[] = [];
  #file: number | undefined;
  #offset = 0;
  #rows = 0;

  constructor(shape: BlockFileShape) {
    this.#shape = shape;
    this.#file = this.#try(() => openSync(shape.data, "w", 0o600));
    const columns = shape.kinds.map((kind, i) => ({ name: `value${i}`, kind }));
    this.#write(encodeSchema([{ name: "key", kind: "bytes" }, ...columns]));
  }

  append(segment: number, batch: ColumnBatch): void {
    if (batch.rows === 0) return;
    const bytes = encodeBatch(batch);
    this.#blocks.push({ segment, offset: this.#offset, length: bytes.length, rows: batch.rows, crc: blockCrc(this.#shape.identity, segment, bytes) });
    this.#rows += batch.rows;
    this.#write(bytes);
  }

  /** Writes the index; the file is complete afterwards. */
  finish(): WrittenBlocks {
    this.#write(END_OF_STREAM);
    const index = encodeIndex({ segments: this.#shape.segments, dataBytes: this.#offset, blocks: this.#blocks }, this.#shape.identity);
    this.#close();
    const path = this.#shape.index;
    this.#try(() => {
      const file = openSync(path, "w", 0o600);
      try {
        writeAll(file, index, 0);
        if (fstatSync(file).size !== index.length) throw new Error(`${path}: short write`);
      } finally {
        closeSync(file);
      }
    });
    return { rows: this.#rows, bytes: this.#offset + index.length };
  }

  /** Removes what was written. */
  abandon(): void {
    this.#close();
    removeBlockFile(this.#shape);
  }

  #write(bytes: Uint8Array): void {
    this.#try(() => writeAll(this.#file!, bytes, this.#offset));
    this.#offset += bytes.length;
  }

  #close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #try<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      this.abandon();
      throw writeFailure(error, this.#shape.data);
    }
  }
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, position + done);
}

export function removeBlockFile({ data, index }: Pick<BlockFileShape, "data" | "index">): void {
  rmSync(data, { force: true });
  rmSync(index, { force: true });
}
