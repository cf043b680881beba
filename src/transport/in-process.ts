import { errorOf } from "./error-of.js";
import { BlobError, MAX_MESSAGE_BYTES, MessageTooLargeError, NoReplyError, type Subscription, type Transport, type TransportEvent } from "./transport.js";

type Serve = (payload: Uint8Array) => Promise<Uint8Array>;
type Receive = (payload: Uint8Array) => void;

/** A transport between parts of one process. Payloads are copied and delivered later, as over a network. */
export class InProcessTransport implements Transport {
  readonly #servers = new Map<string, Serve>();
  readonly #receivers = new Map<string, Set<Receive>>();
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #watchers = new Set<(event: TransportEvent) => void>();
  #closed = false;

  request(subject: string, payload: Uint8Array, timeout: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new NoReplyError(subject, "the transport is closed"));
      if (payload.length > MAX_MESSAGE_BYTES) return reject(new MessageTooLargeError(subject, payload.length));
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(fail);
      };
      const fail = (error: Error): void => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => fail(new NoReplyError(subject, `none within ${timeout} ms`)), timeout);
      this.#waiting.add(fail);
      const copy = copyOf(payload);
      setImmediate(() => {
        const serve = this.#servers.get(subject);
        if (serve === undefined) return fail(new NoReplyError(subject, "nobody serves it"));
        // A handler that fails gives no reply: the request runs into its timeout, as over a network.
        serve(copy).then(
          (reply) => {
            settle();
            resolve(copyOf(reply));
          },
          (error) => this.#tell({ type: "message-lost", subject, error: errorOf(error) }),
        );
      });
    });
  }

  serve(subject: string, handler: Serve): Subscription {
    if (this.#servers.has(subject)) throw new Error(`${subject} is served already`);
    this.#servers.set(subject, handler);
    return { close: () => void this.#servers.delete(subject) };
  }

  publish(subject: string, payload: Uint8Array): void {
    if (this.#closed) return;
    if (payload.length > MAX_MESSAGE_BYTES) return this.#tell({ type: "message-lost", subject, error: new MessageTooLargeError(subject, payload.length) });
    const copy = copyOf(payload);
    setImmediate(() => {
      for (const receive of this.#receivers.get(subject) ?? []) {
        try {
          receive(copy);
        } catch (error) {
          this.#tell({ type: "message-lost", subject, error: errorOf(error) });
        }
      }
    });
  }

  subscribe(subject: string, handler: Receive): Subscription {
    const receivers = this.#receivers.get(subject) ?? new Set();
    this.#receivers.set(subject, receivers.add(handler));
    return { close: () => void receivers.delete(handler) };
  }

  async putBlob(name: string, bytes: Uint8Array): Promise<void> {
    if (!this.#blobs.has(name)) this.#blobs.set(name, copyOf(bytes));
  }

  async getBlob(name: string): Promise<Uint8Array> {
    const bytes = this.#blobs.get(name);
    if (bytes === undefined) throw new BlobError(`There is no blob ${name}`);
    return copyOf(bytes);
  }

  watch(handler: (event: TransportEvent) => void): Subscription {
    this.#watchers.add(handler);
    return { close: () => void this.#watchers.delete(handler) };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#servers.clear();
    this.#receivers.clear();
    for (const fail of [...this.#waiting]) fail(new NoReplyError("*", "the transport was closed"));
    this.#tell({ type: "closed" });
    this.#watchers.clear();
  }

  #tell(event: TransportEvent): void {
    for (const handler of this.#watchers) handler(event);
  }
}

/** Not by slice(), which for a Buffer gives a view. */
function copyOf(payload: Uint8Array): Uint8Array {
  return new Uint8Array(payload);
}
