import { ThreadKernels } from "../columnar/kernels/thread-kernels.js";
import type { JobHeader } from "../protocol/messages.js";
import type { DescribedJob } from "./describe-job.js";
import { IndexCache } from "../shuffle/index-cache.js";
import { BlockClient } from "../storage/block-client.js";
import { readSideInput } from "./side-inputs.js";

const INDEX_CACHE_BYTES = 32 << 20;

/** A job in one thread: its description, the memory of its kernels, what reaches its blocks elsewhere, and its side inputs once they are read. */
export class ThreadJob {
  readonly kernels = new ThreadKernels();
  readonly described: DescribedJob;
  readonly blocks: { readonly client: BlockClient; readonly indexes: IndexCache };
  readonly #header: JobHeader;
  #sides: Promise<Map<string, readonly unknown[]>> | undefined;

  constructor(described: DescribedJob, header: JobHeader) {
    this.described = described;
    this.#header = header;
    this.blocks = { client: new BlockClient({ token: header.token }), indexes: new IndexCache(INDEX_CACHE_BYTES) };
  }

  sides(): Promise<Map<string, readonly unknown[]>> {
    return (this.#sides ??= this.#readSides());
  }

  async #readSides(): Promise<Map<string, readonly unknown[]>> {
    const sides = new Map<string, readonly unknown[]>();
    for (const [name, input] of Object.entries(this.described.spec.sides)) {
      sides.set(name, Object.freeze(await readSideInput(input, this.#header.sides[name] ?? [], this.#header.maxRecordBytes)));
    }
    return sides;
  }
}
