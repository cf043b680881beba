import type { ColumnBatch, ColumnKind } from "../columnar/columns.js";
import { BlockReader } from "./block-reader.js";
import { BlockWriter, removeBlockFile, type BlockFileShape } from "./block-writer.js";

export interface RunSource {
  next(): ColumnBatch | undefined;
}

/** The sorted runs of a reduce that outgrew its memory, oldest first. Each is a block file with one segment. */
export class SpillRuns {
  readonly #shape: Omit<BlockFileShape, "path">;
  readonly #path: string;
  #runs: string[] = [];
  #readers: BlockReader[] = [];
  /** Runs ever written. */
  written = 0;

  constructor(path: string, identity: string, kinds: readonly ColumnKind[]) {
    this.#path = path;
    this.#shape = { identity, segments: 1, kinds };
  }

  get count(): number {
    return this.#runs.length;
  }

  /** Adds a run of batches that are in order. */
  write(batches: Iterable<ColumnBatch>): void {
    const path = `${this.#path}.run${this.written++}`;
    const writer = new BlockWriter({ ...this.#shape, path });
    this.#runs.push(path);
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
    return this.#runs.map((path) => {
      const reader = new BlockReader({ ...this.#shape, path });
      this.#readers.push(reader);
      const blocks = reader.blocks(0).values();
      return {
        next: () => {
          const { value, done } = blocks.next();
          return done === true ? undefined : reader.read(value);
        },
      };
    });
  }

  /** Closes and removes all runs. */
  close(): void {
    this.#closeReaders();
    for (const path of this.#runs.splice(0)) removeBlockFile(path);
  }

  #closeReaders(): void {
    for (const reader of this.#readers.splice(0)) reader.close();
  }
}
