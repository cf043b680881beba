import { newKernels, type Kernels } from "./wasm.js";

/** More than this is never asked for at once: addresses stay positive int32. */
const MOST_BYTES = 2 ** 30;

/**
 * The kernel memory of one thread, which its attempts use one after another: memory that was touched once stays
 * with the process, and giving it back and asking again costs more than the work of a small task.
 */
export class ThreadKernels {
  readonly #grows: boolean;
  #kernels: Kernels | undefined;

  /**
   * `grows`: whoever asks, the one before is done with it, so that more memory is added to what there is, which is touched already.
   * Else the one before keeps what it has, and more memory is another instance.
   */
  constructor({ grows = false }: { readonly grows?: boolean } = {}) {
    this.#grows = grows;
  }

  /** An instance with `bytes` of memory or the most there may be, whose content is left over from former uses. */
  get(bytes: number): Kernels {
    const wanted = Math.min(bytes, MOST_BYTES);
    if (this.#kernels !== undefined && this.#grows) this.#kernels.grow(wanted);
    else if (this.#kernels === undefined || this.#kernels.memory.length < wanted) this.#kernels = newKernels(wanted, this.#grows ? MOST_BYTES : wanted);
    return this.#kernels;
  }
}
