import type { ColumnBatch, ColumnKind } from "../columnar/columns.js";
import type { RunSource } from "../columnar/run-cursor.js";
import { BlockReader } from "./block-reader.js";
import { BlockWriter, removeBlockFile, type BlockFileShape } from "./block-writer.js";

/** The sorted runs of a reduce that outgrew its memory, oldest first. Each is a block file with one segment. */
export class SpillRuns {
  readonly #shape: Omit<BlockFileShape, "data" | "index">;
  readonly #pathOf: (run: number) => string;
  #runs: BlockFileShape[] = [];
  #readers: BlockReader[] = [];
  /** Runs ever written. */
  written = 0;

  /** `pathOf` names the file of each run. */
  constructor(pathOf: (run: number) => string, identity: string, kinds: readonly ColumnKind[]) {
    this.#pathOf = pathOf;
    this.#shape = { identity, segments: 1, kinds };
  }

  get count(): number {
    return this.#runs.length;
  }

  /** Adds a run of batches that are in order. */
  write(batches: Iterable<ColumnBatch>): void {
    const data = this.#pathOf(this.written++);
    const shape = { ...this.#shape, data, index: `${data}.index` };
    const writer = new BlockWriter(shape);
    this.#runs.push(shape);
    for (const batch of batches) writer.append(0, batch);
    writer.finish();
  }

  /** Puts one run in place of all: the merge of their rows. */
  replaceBy(merged: Iterable<ColumnBatch>): void {
    const replaced = this.#runs;
    this.#runs = [];
    this.write(merged);
    this.#closeReaders();
    replaced.forEach(removeBlockFile);
  }

  sources(): RunSource[] {
    return this.#runs.map((shape) => {
      const reader = new BlockReader(shape);
      this.#readers.push(reader);
      return runSource(reader);
    });
  }

  /** Closes and removes all runs. */
  close(): void {
    this.#closeReaders();
    for (const shape of this.#runs.splice(0)) removeBlockFile(shape);
  }

  #closeReaders(): void {
    for (const reader of this.#readers.splice(0)) reader.close();
  }
}

/** A run whose blocks are read into the memory of blocks that have been given back: mostly two in turn. */
function runSource(reader: BlockReader): RunSource {
  const blocks = reader.blocks(0);
  let next = 0;
  const free: Uint8Array[] = [];
  const given: Uint8Array[] = [];
  const room = (bytes: number): Uint8Array => {
    const fits = free.findIndex((memory) => memory.length >= bytes);
    // What is too small makes way, so that no more is kept than was once needed at a time.
    const [kept] = free.splice(Math.max(0, fits), 1);
    const memory = fits < 0 ? new Uint8Array(Math.ceil(bytes * 1.1)) : kept!;
    given.push(memory);
    return memory.subarray(0, bytes);
  };
  return {
    next: () => {
      const block = blocks[next++];
      return block && reader.read(block, room);
    },
    release: () => void free.splice(0, Infinity, ...given.splice(0, given.length - 1)),
  };
}
