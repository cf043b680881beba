import type { AttemptId } from "../model/ids.js";
import type { Subscription, Transport } from "../transport/transport.js";

/** What passes: a request or publication, on its way in or out, or the reply to a request that came in. */
export interface Passing {
  readonly way: "in" | "out" | "reply";
  readonly subject: string;
  readonly message: { readonly type: string } & Readonly<Record<string, unknown>>;
}

/** Lets a test see what one party says and hears, and keep it from passing: true lets it pass. */
export class TappedTransport implements Transport {
  readonly #inner: Transport;
  readonly #tap: (passing: Passing) => boolean;

  constructor(inner: Transport, tap: (passing: Passing) => boolean) {
    this.#inner = inner;
    this.#tap = tap;
  }

  request(subject: string, payload: Uint8Array, timeout: number): Promise<Uint8Array> {
    return this.#passes("out", subject, payload) ? this.#inner.request(subject, payload, timeout) : new Promise(() => {});
  }

  serve(subject: string, handler: (payload: Uint8Array) => Promise<Uint8Array>): Subscription {
    return this.#inner.serve(subject, async (payload) => {
      if (!this.#passes("in", subject, payload)) throw new Error("not heard");
      const reply = await handler(payload);
      if (!this.#passes("reply", subject, reply, payload)) throw new Error("not said");
      return reply;
    });
  }

  publish(subject: string, payload: Uint8Array): void {
    if (this.#passes("out", subject, payload)) this.#inner.publish(subject, payload);
  }

  subscribe(subject: string, handler: (payload: Uint8Array) => void): Subscription {
    return this.#inner.subscribe(subject, (payload) => {
      if (this.#passes("in", subject, payload)) handler(payload);
    });
  }

  putBlob(name: string, bytes: Uint8Array): Promise<void> {
    return this.#inner.putBlob(name, bytes);
  }

  getBlob(name: string): Promise<Uint8Array> {
    return this.#inner.getBlob(name);
  }

  watch(handler: Parameters<Transport["watch"]>[0]): Subscription {
    return this.#inner.watch(handler);
  }

  async close(): Promise<void> {}

  /** A reply is shown with the request that it answers. */
  #passes(way: Passing["way"], subject: string, payload: Uint8Array, request = payload): boolean {
    const message = JSON.parse(Buffer.from(request).toString()) as Passing["message"];
    return this.#tap({ way, subject, message });
  }
}

type Part = { readonly attempt: AttemptId } & Readonly<Record<string, unknown>>;

/** What a message tells of attempts that begin: several launches may share one. */
export function launchesIn({ type, attempts, ...one }: Passing["message"]): readonly Part[] {
  return type === "launch-attempts" ? (attempts as Part[]) : type === "launch-attempt" ? [one as Part] : [];
}

/** The same of attempts that finished. */
export function finishesIn({ type, attempts, ...one }: Passing["message"]): readonly Part[] {
  return type === "attempts-finished" ? (attempts as Part[]) : type === "attempt-finished" ? [one as Part] : [];
}
