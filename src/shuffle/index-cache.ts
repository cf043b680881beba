/** Indexes of map outputs elsewhere, as bytes: each of a thread's reduces needs those of all maps. The one unused longest goes first. */
export class IndexCache {
  readonly #indexes = new Map<string, Uint8Array>();
  readonly #most: number;
  #bytes = 0;

  /** `most`: bytes to keep. */
  constructor(most: number) {
    this.#most = most;
  }

  get(identity: string): Uint8Array | undefined {
    const found = this.#indexes.get(identity);
    if (found === undefined) return undefined;
    this.#indexes.delete(identity);
    this.#indexes.set(identity, found);
    return found;
  }

  put(identity: string, bytes: Uint8Array): void {
    this.delete(identity);
    this.#indexes.set(identity, bytes);
    this.#bytes += bytes.length;
    for (const oldest of this.#indexes.keys()) {
      if (this.#bytes <= this.#most) break;
      this.delete(oldest);
    }
  }

  delete(identity: string): void {
    this.#bytes -= this.#indexes.get(identity)?.length ?? 0;
    this.#indexes.delete(identity);
  }
}
