import { closeSync, fstatSync, openSync, rmSync } from "node:fs";
import type { ColumnBatch, ColumnKind } from "../columnar/columns.js";
import { batchPieces, encodeSchema, END_OF_STREAM } from "../columnar/ipc-batch.js";
import { writeFailure } from "../storage/write-failure.js";
import { writePieces } from "../storage/write-pieces.js";
import { blockSum, encodeIndex, type BlockEntry } from "./block-index.js";

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

/** Writes one block file, front to back; the index follows at the end. Without rows there is an index alone. */
export class BlockWriter {
  readonly #shape: BlockFileShape;
  readonly #blocks: BlockEntry[] = [];
  #file: number | undefined;
  #offset = 0;
  #rows = 0;

  constructor(shape: BlockFileShape) {
    this.#shape = shape;
  }

  get isEmpty(): boolean {
    return this.#rows === 0;
  }

  append(segment: number, batch: ColumnBatch): void {
    if (batch.rows === 0) return;
    if (this.#file === undefined) this.#open();
    const pieces = batchPieces(batch);
    const offset = this.#offset;
    const sum = blockSum(this.#shape.identity, segment, ...pieces);
    this.#write(...pieces);
    this.#blocks.push({ segment, offset, length: this.#offset - offset, rows: batch.rows, sum });
    this.#rows += batch.rows;
  }

  /** Writes the index; the file is complete afterwards. */
  finish(): WrittenBlocks {
    if (this.#file !== undefined) this.#write(END_OF_STREAM);
    const index = encodeIndex({ segments: this.#shape.segments, dataBytes: this.#offset, blocks: this.#blocks }, this.#shape.identity);
    this.#close();
    const path = this.#shape.index;
    this.#try(() => {
      const file = openSync(path, "w", 0o600);
      try {
        writePieces(file, [index], 0);
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

  #open(): void {
    const { data, kinds } = this.#shape;
    this.#file = this.#try(() => openSync(data, "w", 0o600));
    const columns = kinds.map((kind, i) => ({ name: `value${i}`, kind }));
    this.#write(encodeSchema([{ name: "key", kind: "bytes" }, ...columns]));
  }

  #write(...pieces: readonly Uint8Array[]): void {
    this.#try(() => writePieces(this.#file!, pieces, this.#offset));
    for (const piece of pieces) this.#offset += piece.length;
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

export function removeBlockFile({ data, index }: Pick<BlockFileShape, "data" | "index">): void {
  rmSync(data, { force: true });
  rmSync(index, { force: true });
}
