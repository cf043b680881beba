/**
 * Requests to one subject that are made in one turn of the event loop travel as one message, and so do their
 * replies: when tasks are short, a message costs more than all that it says. Those that are made while one to the
 * subject is under way wait for its reply, though not for long, and then travel together. A request that is alone travels as
 * it is. Each of a batch is answered for itself, but the replies wait for each other.
 *
 *     batch = 0, then for each payload its length (u32, little-endian) and its bytes; where a reply is missing, length 2^32 - 1
 */
import { errorOf } from "./error-of.js";
import { NoReplyError, type Subscription, type Transport, type TransportEvent } from "./transport.js";

/** Our messages are JSON and begin otherwise; a payload that begins so is made a batch of its own. */
const MARK = 0;
const MISSING = 2 ** 32 - 1;
/** Payloads join a batch up to this, and up to so many; a batch of more is refused, for an empty payload costs memory too. */
const BATCH_BYTES = 64 << 10;
export const MOST_IN_BATCH = 4_096;
/** Milliseconds that requests wait at most for the reply to an earlier one. */
const LONGEST_HOLD = 5;

interface Asked {
  readonly payload: Uint8Array;
  readonly timeout: number;
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

export class BatchingTransport implements Transport {
  readonly #inner: Transport;
  readonly #longestHold: number;
  /** Not sent yet, by subject. */
  readonly #asked = new Map<string, { readonly all: Asked[]; readonly hold: NodeJS.Timeout | undefined }>();
  /** Messages without a reply so far, by subject. */
  readonly #underWay = new Map<string, number>();

  constructor(inner: Transport, longestHold = LONGEST_HOLD) {
    this.#inner = inner;
    this.#longestHold = longestHold;
  }

  request(subject: string, payload: Uint8Array, timeout: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const asked = { payload: new Uint8Array(payload), timeout, resolve, reject };
      const others = this.#asked.get(subject);
      if (others !== undefined) return void others.all.push(asked);
      const hold = this.#underWay.has(subject) ? setTimeout(() => this.#sendAll(subject), this.#longestHold) : undefined;
      this.#asked.set(subject, { all: [asked], hold });
      if (hold === undefined) setImmediate(() => this.#sendAll(subject));
    });
  }

  serve(subject: string, handler: (payload: Uint8Array) => Promise<Uint8Array>): Subscription {
    return this.#inner.serve(subject, async (payload) => {
      if (payload[0] !== MARK) return handler(payload);
      const answers = await Promise.allSettled(split(payload).map(async (each) => handler(each!)));
      if (answers.every(({ status }) => status === "rejected")) throw (answers[0] as PromiseRejectedResult).reason;
      return join(answers.map((answer) => (answer.status === "fulfilled" ? answer.value : undefined)));
    });
  }

  publish(subject: string, payload: Uint8Array): void {
    this.#inner.publish(subject, payload);
  }

  subscribe(subject: string, handler: (payload: Uint8Array) => void): Subscription {
    return this.#inner.subscribe(subject, handler);
  }

  putBlob(name: string, bytes: Uint8Array): Promise<void> {
    return this.#inner.putBlob(name, bytes);
  }

  getBlob(name: string): Promise<Uint8Array> {
    return this.#inner.getBlob(name);
  }

  watch(handler: (event: TransportEvent) => void): Subscription {
    return this.#inner.watch(handler);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #sendAll(subject: string): void {
    const asked = this.#asked.get(subject);
    if (asked === undefined) return;
    clearTimeout(asked.hold);
    this.#asked.delete(subject);
    for (const batch of batchesOf(asked.all)) {
      this.#underWay.set(subject, (this.#underWay.get(subject) ?? 0) + 1);
      void this.#send(subject, batch).then(() => this.#answered(subject));
    }
  }

  #answered(subject: string): void {
    const left = this.#underWay.get(subject)! - 1;
    if (left > 0) return void this.#underWay.set(subject, left);
    this.#underWay.delete(subject);
    // After what the replies bring about at once.
    if (this.#asked.has(subject)) setImmediate(() => this.#sendAll(subject));
  }

  async #send(subject: string, batch: readonly Asked[]): Promise<void> {
    const [first] = batch;
    const isAlone = batch.length === 1 && first!.payload[0] !== MARK;
    try {
      const message = isAlone ? first!.payload : join(batch.map(({ payload }) => payload));
      const reply = await this.#inner.request(subject, message, Math.max(...batch.map(({ timeout }) => timeout)));
      const replies = isAlone ? [reply] : split(reply);
      batch.forEach(({ resolve, reject }, i) => {
        const own = replies[i];
        if (own === undefined) reject(new NoReplyError(subject, "it could not be answered"));
        else resolve(own);
      });
    } catch (error) {
      for (const { reject } of batch) reject(errorOf(error));
    }
  }
}

function batchesOf(asked: readonly Asked[]): Asked[][] {
  const batches: Asked[][] = [];
  let bytes = Infinity;
  for (const each of asked) {
    bytes += each.payload.length;
    if (bytes > BATCH_BYTES || batches.at(-1)!.length === MOST_IN_BATCH) {
      batches.push([]);
      bytes = each.payload.length;
    }
    batches.at(-1)!.push(each);
  }
  return batches;
}

function join(payloads: readonly (Uint8Array | undefined)[]): Uint8Array {
  const batch = Buffer.allocUnsafe(payloads.reduce((bytes, payload) => bytes + 4 + (payload?.length ?? 0), 1));
  let at = batch.writeUInt8(MARK, 0);
  for (const payload of payloads) {
    at = batch.writeUInt32LE(payload?.length ?? MISSING, at);
    if (payload === undefined) continue;
    batch.set(payload, at);
    at += payload.length;
  }
  return batch;
}

function split(batch: Uint8Array): (Uint8Array | undefined)[] {
  const lengths = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  const payloads: (Uint8Array | undefined)[] = [];
  if (batch[0] !== MARK) throw new RangeError("A batch of messages is none");
  for (let at = 1; at < batch.length; ) {
    // Throws a RangeError where the batch is cut.
    const length = lengths.getUint32(at, true);
    at += 4;
    if (length !== MISSING && length > batch.length - at) throw new RangeError("A batch of messages is cut");
    if (payloads.length === MOST_IN_BATCH) throw new RangeError(`A batch of more than ${MOST_IN_BATCH} messages`);
    payloads.push(length === MISSING ? undefined : batch.subarray(at, (at += length)));
  }
  return payloads;
}
