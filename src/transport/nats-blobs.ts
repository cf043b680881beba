/**
 * Blobs in JetStream, as an object store that other tools can list (`nats object ls`). Written by the library;
 * read by single requests to the stream, so that reading needs neither a consumer on the server nor the right to make one, and not
 * in the library's way either (STREAM.MSG.GET): nats-server 2.9 ends when a stream is made or deleted while it answers that.
 * A connection that is lost, or a stream that has no leader for a while, is waited for.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Msg, NatsConnection, ObjectInfo, ObjectStore } from "nats";
import { errorOf } from "./error-of.js";
import { BlobError, type Subscription, type TransportEvent } from "./transport.js";

const ANSWER_WITHIN = 5_000;
const GIVE_UP_AFTER = 30_000;
const RETRY_EVERY = 250;

/** JetStream's code for a cluster whose servers have not all found each other yet. */
const NO_PEERS = 10_005;
const STREAM_NOT_FOUND = 10_059;
/** The library's words. */
const NOT_FOUND = "object store not found";

/** The state of the connection. */
export interface Link {
  readonly state: "connected" | "disconnected" | "closed";
  watch(handler: (event: TransportEvent) => void): Subscription;
}

export class NatsBlobs {
  readonly #connection: NatsConnection;
  readonly #link: Link;
  readonly #bucket: string;
  readonly #who: string;
  readonly #replicas: number;
  #opened: ObjectStore | undefined;

  constructor(connection: NatsConnection, link: Link, { cluster, who, replicas }: { readonly cluster: string; readonly who: string; readonly replicas: number }) {
    this.#connection = connection;
    this.#link = link;
    this.#bucket = blobBucket(cluster);
    this.#who = who;
    this.#replicas = replicas;
  }

  /** Also one that was there before and is lost. */
  create(): Promise<void> {
    this.#opened = undefined;
    return this.#patiently("The store for bundles cannot be made", async () => {
      const store = await this.#open();
      // In a NATS cluster a stream that was just made may not be found yet.
      await store.status().catch((error: unknown) => {
        throw (error as Error).message === NOT_FOUND ? new StoreMissing(NOT_FOUND, { cause: error }) : error;
      });
    });
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return this.#patiently(`Blob ${name} (${bytes.length} bytes) cannot be kept`, async () => {
      const store = await this.#open();
      if ((await store.info(name)) === null) await store.putBlob({ name }, bytes, { timeout: ANSWER_WITHIN });
    });
  }

  get(name: string): Promise<Uint8Array> {
    return this.#patiently(`Blob ${name} cannot be read`, async () => {
      const info = await this.#find(name).catch((error: unknown) => {
        // Whoever asks again gets it when the coordinator has put it back.
        throw error instanceof StoreMissing ? new BlobError(`There is no blob ${name}: the store for bundles is gone`, { cause: error }) : error;
      });
      if (info === undefined || info.deleted === true) throw new BlobError(`There is no blob ${name}`);
      const bytes = new Uint8Array(info.size);
      let filled = 0;
      for (let chunk = 0, seq = 1; chunk < info.chunks; chunk++) {
        const { data, headers } = await this.#ask({ seq, next_by_subj: `$O.${this.#bucket}.C.${info.nuid}` });
        if (headers === undefined || headers.code >= 400 || filled + data.length > info.size) throw new BlobError(`Blob ${name} is incomplete: chunk ${chunk} of ${info.chunks} is missing or too long`);
        bytes.set(data, filled);
        filled += data.length;
        seq = Number(headers.get("Nats-Sequence")) + 1;
      }
      if (filled !== info.size) throw new BlobError(`Blob ${name} is incomplete: ${filled} bytes of ${info.size}`);
      return bytes;
    });
  }

  /** What the store says of a blob, as the library wrote it. Rejects with StoreMissing: a stream that is not there would not answer. */
  async #find(name: string): Promise<ObjectInfo | undefined> {
    const { error } = (await this.#connection.request(`$JS.API.STREAM.INFO.OBJ_${this.#bucket}`, "", { timeout: ANSWER_WITHIN })).json<{ readonly error?: { readonly err_code: number } }>();
    if (error?.err_code === STREAM_NOT_FOUND) throw new StoreMissing(NOT_FOUND);
    const { data, headers } = await this.#ask({ last_by_subj: `$O.${this.#bucket}.M.${base64url(name)}` });
    return headers === undefined || headers.code >= 400 ? undefined : (JSON.parse(Buffer.from(data).toString()) as ObjectInfo);
  }

  #ask(wanted: { readonly last_by_subj: string } | { readonly seq: number; readonly next_by_subj: string }): Promise<Msg> {
    return this.#connection.request(`$JS.API.DIRECT.GET.OBJ_${this.#bucket}`, JSON.stringify(wanted), { timeout: ANSWER_WITHIN });
  }

  async #patiently<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (const deadline = performance.now() + GIVE_UP_AFTER; ; await wait(RETRY_EVERY)) {
      try {
        return await this.#whileConnected(work);
      } catch (error) {
        if (error instanceof BlobError) throw error;
        // It may have been deleted; opening it makes it anew, where that is allowed.
        this.#opened = undefined;
        if (!this.#isPassing(error) || performance.now() > deadline) throw this.#problem(what, error);
      }
    }
  }

  /** The library lets requests wait out their time when the connection goes. */
  #whileConnected<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#link.state !== "connected") return reject(new ConnectionLost());
      const watch = this.#link.watch(({ type }) => (type === "disconnected" || type === "closed") && reject(new ConnectionLost()));
      work()
        .then(resolve, reject)
        .finally(() => watch.close());
    });
  }

  async #open(): Promise<ObjectStore> {
    this.#opened ??= await this.#connection.jetstream({ timeout: ANSWER_WITHIN, checkAPI: false }).views.os(this.#bucket, storeOptions(this.#replicas));
    return this.#opened;
  }

  #isPassing(error: unknown): boolean {
    if (this.#link.state === "closed") return false;
    const { code, api_error: refusal } = error as { code?: string; api_error?: { readonly err_code: number } };
    return error instanceof ConnectionLost || error instanceof StoreMissing || refusal?.err_code === NO_PEERS || refusal?.err_code === STREAM_NOT_FOUND || code === "TIMEOUT" || (code === "503" && this.#connection.info?.jetstream === true);
  }

  #problem(what: string, thrown: unknown): BlobError {
    const { message, code } = errorOf(thrown) as Error & { code?: string };
    const why =
      code === "503" && this.#connection.info?.jetstream !== true
        ? "JetStream is off: start the server with nats-server -js, or put jetstream {} into its configuration"
        : code === "PERMISSIONS_VIOLATION"
          ? `NATS does not let ${this.#who} do that (${message}). The store is made by the coordinator: start it first`
          : code === "TIMEOUT" || code === "503"
            ? `JetStream has not answered for ${GIVE_UP_AFTER / 1000} s`
            : message;
    return new BlobError(`${what}: ${why}`, { cause: thrown });
  }
}

class StoreMissing extends Error {}

class ConnectionLost extends Error {
  override message = "the connection to NATS is lost";
}

function base64url(name: string): string {
  const text = Buffer.from(name).toString("base64url");
  return text.padEnd(text.length + ((4 - (text.length % 4)) % 4), "=");
}

/** The bucket of a cluster; its stream is OBJ_<bucket>. */
export function blobBucket(cluster: string): string {
  return `millrace-${cluster}`;
}

/**
 * The library sends all enumerable options to the server beside what it makes of them, and servers from 2.12 on refuse a stream with a member
 * that they do not know, as `replicas` is.
 */
function storeOptions(replicas: number): { readonly description: string } {
  return Object.defineProperty({ description: "Millrace: bundles of jobs" }, "replicas", { value: replicas });
}
