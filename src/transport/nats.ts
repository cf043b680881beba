/**
 * The transport over NATS: one connection for everything. With nats-blobs.ts and nats-settings.ts it alone knows the client library.
 *
 * The library resubscribes after a reconnection but loses what is published while disconnected, and lets requests
 * wait out their time; so requests have an inbox of our own here, and are rejected as soon as the connection is.
 */
import { setTimeout as wait } from "node:timers/promises";
import { connect, createInbox, Events, headers, type Msg, type NatsConnection } from "nats";
import { errorOf } from "./error-of.js";
import { PartialMessages, splitMessage } from "./message-parts.js";
import { NatsBlobs, type Link } from "./nats-blobs.js";
import { natsAddress, openServerWarning, type NatsAddress, type NatsOptions } from "./nats-options.js";
import { connectProblem } from "./nats-problem.js";
import { natsSettings, RETRY_EVERY } from "./nats-settings.js";
import { BlobError, ConnectError, MAX_MESSAGE_BYTES, MessageTooLargeError, NoReplyError, NotPermittedError, type Subscription, type Transport, type TransportEvent } from "./transport.js";

const CONNECT_WITHIN = 5_000;
const FLUSH_WITHIN = 1_000;
/** Header of a message that is a part of one. */
const PART = "Millrace-Part";
/** Bytes of a part that its header and the protocol may take. */
const PART_OVERHEAD = 512;

/** Connects, trying again until it succeeds, cannot succeed, or its time is up. */
export async function connectNats(options: NatsOptions): Promise<NatsTransport> {
  const { connectWithin = CONNECT_WITHIN, signal, name } = options;
  const address = natsAddress(options);
  const who = address.user === undefined ? name : `user ${address.user}`;
  const settings = await natsSettings(options, address);
  for (const deadline = performance.now() + connectWithin; ; await wait(RETRY_EVERY, undefined, signal === undefined ? {} : { signal })) {
    signal?.throwIfAborted();
    const left = Math.max(1, deadline - performance.now());
    try {
      const connection = await connect({ ...settings, timeout: Math.min(left, CONNECT_WITHIN) });
      return await begin(new NatsTransport(connection, address, who, settings.inboxPrefix!, options), options);
    } catch (thrown) {
      if (thrown instanceof BlobError) throw thrown;
      const { error, permanent } = connectProblem(thrown, address.shown, who);
      if (permanent) throw error;
      if (performance.now() + RETRY_EVERY >= deadline) throw new ConnectError(`${error.message} (tried for ${connectWithin / 1000} s)`, { cause: thrown });
    }
  }
}

async function begin(transport: NatsTransport, { createBlobStore }: NatsOptions): Promise<NatsTransport> {
  try {
    if (createBlobStore === true) await transport.createBlobStore();
    return transport;
  } catch (error) {
    await transport.close();
    throw error;
  }
}

interface Pending {
  readonly subject: string;
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

export class NatsTransport implements Transport {
  readonly #connection: NatsConnection;
  readonly #address: NatsAddress;
  readonly #who: string;
  readonly #blobs: NatsBlobs;
  readonly #inbox: string;
  readonly #pending = new Map<string, Pending>();
  readonly #partials = new Set<PartialMessages>();
  readonly #watchers = new Set<(event: TransportEvent) => void>();
  readonly #served = new Set<string>();
  #state: Link["state"] = "connected";
  #messages = 0;
  /** Replies cannot reach us. */
  #inboxRefused: NotPermittedError | undefined;

  /** Use connectNats. */
  constructor(connection: NatsConnection, address: NatsAddress, who: string, inboxPrefix: string, { cluster, replicas = 1 }: Pick<NatsOptions, "cluster" | "replicas">) {
    this.#connection = connection;
    this.#address = address;
    this.#who = who;
    this.#inbox = createInbox(inboxPrefix);
    this.#blobs = new NatsBlobs(connection, this, { cluster, who, replicas });
    this.#receive(`${this.#inbox}.*`, (payload, message) => this.#settle(payload, message));
    void this.#follow();
    void connection.closed().then((reason) => this.#end(reason ?? undefined));
  }

  /** Why this connection should worry its operator. */
  get warning(): string | undefined {
    return openServerWarning(this.#address, this.#connection.info?.auth_required === true || this.#connection.info?.tls_verify === true);
  }

  get state(): Link["state"] {
    return this.#state;
  }

  request(subject: string, payload: Uint8Array, timeout: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#inboxRefused !== undefined) return reject(this.#inboxRefused);
      const why = { connected: undefined, disconnected: `not connected to ${this.#address.shown} at the moment`, closed: "the transport is closed" }[this.#state];
      if (why !== undefined) return reject(new NoReplyError(subject, why));
      const id = String(this.#messages++);
      const settle = (): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
      };
      const pending: Pending = {
        subject,
        resolve: (reply) => (settle(), resolve(reply)),
        reject: (error) => (settle(), reject(error)),
      };
      const timer = setTimeout(() => pending.reject(new NoReplyError(subject, `none within ${timeout} ms`)), timeout);
      this.#pending.set(id, pending);
      try {
        this.#send(subject, payload, `${this.#inbox}.${id}`);
      } catch (error) {
        pending.reject(errorOf(error));
      }
    });
  }

  serve(subject: string, handler: (payload: Uint8Array) => Promise<Uint8Array>): Subscription {
    if (this.#served.has(subject)) throw new Error(`${subject} is served already`);
    this.#served.add(subject);
    const received = this.#receive(subject, (payload, { reply }) => {
      handler(payload)
        .then((answer) => {
          if (reply !== undefined && reply !== "" && this.#state !== "closed") this.#send(reply, answer);
        })
        .catch((error) => this.#tell({ type: "message-lost", subject, error: errorOf(error) }));
    });
    return {
      close: () => {
        this.#served.delete(subject);
        received.close();
      },
    };
  }

  publish(subject: string, payload: Uint8Array): void {
    if (this.#state === "closed") return;
    try {
      this.#send(subject, payload);
    } catch (error) {
      this.#tell({ type: "message-lost", subject, error: errorOf(error) });
    }
  }

  subscribe(subject: string, handler: (payload: Uint8Array) => void): Subscription {
    return this.#receive(subject, handler);
  }

  putBlob(name: string, bytes: Uint8Array): Promise<void> {
    return this.#blobs.put(name, bytes);
  }

  getBlob(name: string): Promise<Uint8Array> {
    return this.#blobs.get(name);
  }

  createBlobStore(): Promise<void> {
    return this.#blobs.create();
  }

  watch(handler: (event: TransportEvent) => void): Subscription {
    this.#watchers.add(handler);
    return { close: () => void this.#watchers.delete(handler) };
  }

  /** What was published before reaches the server, if it can be reached. */
  async close(): Promise<void> {
    const before = this.#state;
    if (before !== "closed") {
      this.#state = "closed";
      this.#rejectAll("the transport was closed");
      if (before === "connected") await Promise.race([this.#connection.flush().catch(() => {}), wait(FLUSH_WITHIN, undefined, { ref: false })]);
    }
    await this.#connection.close();
  }

  /** Payloads are copied: the library sends later, and the caller may reuse its bytes by then. */
  #send(subject: string, payload: Uint8Array, reply?: string): void {
    if (payload.length > MAX_MESSAGE_BYTES) throw new MessageTooLargeError(subject, payload.length);
    const limit = this.#connection.info?.max_payload ?? 1024 * 1024;
    const copy = new Uint8Array(payload);
    if (copy.length <= limit) return this.#connection.publish(subject, copy, reply === undefined ? {} : { reply });
    const parts = splitMessage(`${this.#inbox.slice(-22)}-${this.#messages++}`, copy, limit - PART_OVERHEAD);
    parts.forEach(({ mark, bytes }, index) => {
      const marked = headers();
      marked.set(PART, mark);
      // Only the last part asks for a reply, so that nobody there is noticed once.
      this.#connection.publish(subject, bytes, { headers: marked, ...(reply === undefined || index < parts.length - 1 ? {} : { reply }) });
    });
  }

  #receive(subject: string, handler: (payload: Uint8Array, message: Msg) => void): Subscription {
    const partial = new PartialMessages(MAX_MESSAGE_BYTES);
    this.#partials.add(partial);
    const subscription = this.#connection.subscribe(subject, {
      callback: (refused, message) => {
        // A refusal is told by #follow. An error thrown here would end the library's reader.
        if (refused !== null) return;
        try {
          const mark = message.headers?.get(PART) ?? "";
          const payload = mark === "" ? message.data : partial.add(mark, message.data);
          if (payload !== undefined) handler(payload, message);
        } catch (error) {
          this.#tell({ type: "message-lost", subject, error: errorOf(error) });
        }
      },
    });
    return {
      close: () => {
        this.#partials.delete(partial);
        subscription.unsubscribe();
      },
    };
  }

  #settle(reply: Uint8Array, { subject, headers: marks }: Msg): void {
    const pending = this.#pending.get(subject.slice(subject.lastIndexOf(".") + 1));
    if (pending === undefined) return;
    if (marks?.code === 503) pending.reject(new NoReplyError(pending.subject, "nobody serves it"));
    else pending.resolve(reply);
  }

  async #follow(): Promise<void> {
    for await (const status of this.#connection.status()) {
      const server = this.#address.shown;
      if (status.type === Events.Disconnect) {
        if (this.#state === "connected") this.#state = "disconnected";
        this.#rejectAll(`the connection to ${server} was lost`);
        for (const partial of this.#partials) partial.clear();
        this.#tell({ type: "disconnected", server });
      } else if (status.type === Events.Reconnect) {
        if (this.#state === "disconnected") this.#state = "connected";
        this.#tell({ type: "reconnected", server });
      } else if (status.type === Events.Error && status.permissionContext !== undefined) {
        this.#refused(status.permissionContext);
      }
    }
  }

  #refused({ operation, subject }: { readonly operation: string; readonly subject: string }): void {
    const error = new NotPermittedError(operation === "publish" ? "publish" : "subscribe", subject, this.#who);
    if (subject === `${this.#inbox}.*`) this.#inboxRefused = error;
    for (const pending of [...this.#pending.values()]) if (this.#inboxRefused !== undefined || (operation === "publish" && pending.subject === subject)) pending.reject(error);
    this.#tell({ type: "refused", error });
  }

  #end(reason: Error | undefined): void {
    const unforeseen = this.#state !== "closed";
    this.#state = "closed";
    this.#rejectAll("the connection was closed");
    this.#tell({ type: "closed", ...(unforeseen && reason !== undefined ? { reason } : {}) });
    this.#watchers.clear();
  }

  #rejectAll(why: string): void {
    for (const pending of [...this.#pending.values()]) pending.reject(new NoReplyError(pending.subject, why));
  }

  #tell(event: TransportEvent): void {
    for (const handler of [...this.#watchers]) handler(event);
  }
}
