/**
 * A message over the server's payload limit travels in parts: all but the last of one size, in order, each with
 * a mark `<message> <index> <count>` beside it. Parts of one message come in order over one connection; a gap
 * means that the connection was lost in between, and the message with it.
 */
export interface Part {
  readonly mark: string;
  readonly bytes: Uint8Array;
}

export function splitMessage(message: string, payload: Uint8Array, limit: number): Part[] {
  const count = Math.ceil(payload.length / limit);
  return Array.from({ length: count }, (_, index) => ({ mark: `${message} ${index} ${count}`, bytes: payload.subarray(index * limit, (index + 1) * limit) }));
}

interface Unfinished {
  readonly count: number;
  readonly parts: Uint8Array[];
  bytes: number;
}

/** Messages of which parts are missing. Bounded: of too many, or too large ones, the oldest are lost. */
export class PartialMessages {
  readonly #unfinished = new Map<string, Unfinished>();
  readonly #maxMessage: number;
  readonly #maxTotal: number;
  #total = 0;

  constructor(maxMessage: number, maxTotal = 4 * maxMessage) {
    this.#maxMessage = maxMessage;
    this.#maxTotal = maxTotal;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#total;
  }

  /** The whole message when this was its last part. `bytes` is kept: pass a copy if it is a view of something that changes. */
  add(mark: string, bytes: Uint8Array): Uint8Array | undefined {
    const [, message, at, of] = /^(\S{1,64}) (\d{1,9}) (\d{1,9})$/.exec(mark) ?? [];
    if (message === undefined) throw new Error(`A part of a message has a mark that is none: ${JSON.stringify(mark.slice(0, 100))}`);
    const index = Number(at);
    const count = Number(of);
    if (index === 0) {
      this.#forget(message);
      this.#unfinished.set(message, { count, parts: [], bytes: 0 });
    }
    const found = this.#unfinished.get(message);
    if (found === undefined) return undefined;
    if (found.parts.length !== index || found.count !== count || index >= count || found.bytes + bytes.length > this.#maxMessage) {
      this.#forget(message);
      throw new Error(`Part ${index} of ${count} does not continue message ${message}, or makes it too large`);
    }
    found.parts.push(bytes);
    found.bytes += bytes.length;
    this.#total += bytes.length;
    if (found.parts.length === count) {
      this.#forget(message);
      return Buffer.concat(found.parts);
    }
    this.#makeRoom();
    return undefined;
  }

  clear(): void {
    this.#unfinished.clear();
    this.#total = 0;
  }

  /** The map is in order of arrival. An empty part costs memory too, so their number is bounded as well. */
  #makeRoom(): void {
    for (const message of this.#unfinished.keys()) {
      if (this.#total <= this.#maxTotal && this.#unfinished.size <= 256) return;
      this.#forget(message);
    }
  }

  #forget(message: string): void {
    this.#total -= this.#unfinished.get(message)?.bytes ?? 0;
    this.#unfinished.delete(message);
  }
}
