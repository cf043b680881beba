import { ThreadKernels } from "../columnar/kernels/thread-kernels.js";
import { randomInt } from "node:crypto";
import { KernelKeyTable } from "../columnar/kernel-key-table.js";
import { KeyTable } from "../columnar/key-table.js";
import { hasKernels } from "../columnar/kernels/wasm.js";
import { KeptFile } from "../formats/kept-file.js";
import type { CustomAggregator } from "../job/aggregators.js";
import { isCustomAggregator } from "../job/check-definition.js";
import type { DerivedSpec, JobSpec } from "../model/job-spec.js";
import type { JobHeader } from "../protocol/messages.js";
import type { DescribedJob } from "./describe-job.js";
import { IndexCache } from "../shuffle/index-cache.js";
import { shuffleTypes, wholeRecordsOf, type ShuffleTypes } from "../shuffle/shuffle-types.js";
import { BlockClient } from "../storage/block-client.js";
import { SideIndex, type SideRow } from "./side-index.js";
import { readSideInput } from "./side-inputs.js";

const INDEX_CACHE_BYTES = 32 << 20;

type Sides = ReadonlyMap<string, readonly unknown[]>;

/** A job in one thread: its description, the memory of its kernels, what reaches its blocks elsewhere, and its side inputs once they are read. */
export class ThreadJob {
  readonly described: DescribedJob;
  /** Memory of kernels, for one user at a time. */
  readonly kernels = new ThreadKernels();
  /** The same for what a map writes while `kernels` serve what it reads, and for what a reduce sorts. */
  readonly shuffleKernels: ThreadKernels;
  /** The input that was read last. */
  readonly keptFile = new KeptFile();
  /** What fetches blocks that lie on other machines. */
  readonly blocks: { readonly client: BlockClient; readonly indexes: IndexCache };
  readonly #header: JobHeader;
  #keyTable: KernelKeyTable | undefined;
  #shuffleTypes: ShuffleTypes | undefined;
  readonly #sideIndexes = new Map<string, SideIndex>();
  #sides: Sides | Promise<Sides> | undefined;

  /** `memory`: bytes for an attempt. */
  constructor(described: DescribedJob, header: JobHeader, memory: number) {
    // A reduce will sort in so much; the maps before it use the same pages.
    this.shuffleKernels = new ThreadKernels(sortsRows(described.spec) ? memory : 0);
    this.described = described;
    this.#header = header;
    this.blocks = { client: new BlockClient({ token: header.token }), indexes: new IndexCache(INDEX_CACHE_BYTES) };
  }

  /** An empty key table, with records if these have bytes. The thread has one, whose memory is kept for the next attempt, and its layout if that is likely to have as many keys. */
  keyTable(layout: "kept" | "small", recordBytes = 0): KernelKeyTable | KeyTable {
    // The seed keeps prepared data from colliding; results never depend on it.
    if (!hasKernels) return new KeyTable(randomInt(2 ** 31));
    this.#keyTable ??= new KernelKeyTable(randomInt(2 ** 31));
    if (layout === "kept" && recordBytes === this.#keyTable.recordBytes) this.#keyTable.clear();
    else this.#keyTable.reset(recordBytes);
    return this.#keyTable;
  }

  /** What lies in which column between this job's maps and reduces. */
  shuffleTypes(): ShuffleTypes {
    const { spec, definition: { reduce } } = this.described;
    const custom = isCustomAggregator(reduce) ? (reduce as CustomAggregator<never, never, unknown>) : undefined;
    return (this.#shuffleTypes ??= shuffleTypes(spec.shuffle!, custom, wholeRecordsOf(spec)));
  }

  /** Of a side input's records. Built once, for columns that are looked up alike. */
  sideIndex(spec: DerivedSpec, records: readonly SideRow[]): SideIndex {
    const { side, among } = spec.lookup!;
    const id = JSON.stringify([side, among.name, spec.from.type]);
    let index = this.#sideIndexes.get(id);
    if (index === undefined) this.#sideIndexes.set(id, (index = new SideIndex(spec, records)));
    return index;
  }

  /** A promise until they are read. */
  sides(): Sides | Promise<Sides> {
    return (this.#sides ??= this.#readSides());
  }

  async #readSides(): Promise<Sides> {
    const sides = new Map<string, readonly unknown[]>();
    for (const [name, input] of Object.entries(this.described.spec.sides)) {
      sides.set(name, Object.freeze(await readSideInput(input, this.#header.sides[name] ?? [], this.#header.maxRecordBytes)));
    }
    this.#sides = sides;
    return sides;
  }
}

/** Whether reduces sort rows in kernels (see run-reduce.ts). */
function sortsRows({ shuffle }: JobSpec): boolean {
  return shuffle !== undefined && shuffle.reduce.kind !== "aggregate" && shuffle.sortValues === "none";
}
