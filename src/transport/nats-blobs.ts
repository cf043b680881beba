/**
 * Blobs in JetStream, as an object store that other tools can list (`nats object ls`). Written by the library;
 * read by single requests, so that reading needs neither a consumer on the server nor the right to make one.
 * A connection that is lost, or a stream that has no leader for a while, is waited for.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { NatsConnection, ObjectStore } from "nats";
import { errorOf } from "./error-of.js";
import { BlobError, type Subscription, type TransportEvent } from "./transport.js";

const ANSWER_WITHIN = 5_000;
const GIVE_UP_AFTER = 30_000;
const RETRY_EVERY = 250;

/** JetStream's code for a cluster whose servers have not all found each other yet. */
const NO_PEERS = 10_005;
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
    return this.#patiently("The store for bundles cannot be made", async (store) => {
      // In a NATS cluster a stream that was just made may not be found yet.
      await store.status().catch((error: unknown) => {
        this.#opened = undefined;
        throw (error as Error).message === NOT_FOUND ? new StoreMissing(NOT_FOUND, { cause: error }) : error;
      });
    });
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return this.#patiently(`Blob ${name} (${bytes.length} bytes) cannot be kept`, async (store) => {
      if ((await store.info(name)) === null) await store.putBlob({ name }, bytes, { timeout: ANSWER_WITHIN });
    });
  }

  get(name: string): Promise<Uint8Array> {
    return this.#patiently(`Blob ${name} cannot be read`, async (store) => {
      const info = await store.info(name);
      if (info === null || info.deleted) throw new BlobError(`There is no blob ${name}`);
      const bytes = new Uint8Array(info.size);
      let filled = 0;
      for (let chunk = 0, seq = 1; chunk < info.chunks; chunk++) {
        const wanted = { seq, next_by_subj: `$O.${this.#bucket}.C.${info.nuid}` };
        const { data, headers } = await this.#connection.request(`$JS.API.DIRECT.GET.OBJ_${this.#bucket}`, JSON.stringify(wanted), { timeout: ANSWER_WITHIN });
        if (headers === undefined || headers.code >= 400 || filled + data.length > info.size) throw new BlobError(`Blob ${name} is incomplete: chunk ${chunk} of ${info.chunks} is missing or too long`);
        bytes.set(data, filled);
        filled += data.length;
        seq = Number(headers.get("Nats-Sequence")) + 1;
      }
      if (filled !== info.size) throw new BlobError(`Blob ${name} is incomplete: ${filled} bytes of ${info.size}`);
      return bytes;
    });
  }

  async #patiently<T>(what: string, work: (store: ObjectStore) => Promise<T>): Promise<T> {
    for (const deadline = performance.now() + GIVE_UP_AFTER; ; await wait(RETRY_EVERY)) {
      try {
        return await this.#whileConnected(async () => work(await this.#open()));
      } catch (error) {
        if (error instanceof BlobError) throw error;
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
    this.#opened ??= await this.#connection.jetstream({ timeout: ANSWER_WITHIN, checkAPI: false }).views.os(this.#bucket, { description: "Millrace: bundles of jobs", replicas: this.#replicas });
    return this.#opened;
  }

  #isPassing(error: unknown): boolean {
    if (this.#link.state === "closed") return false;
    const { code, api_error: refusal } = error as { code?: string; api_error?: { readonly err_code: number } };
    return error instanceof ConnectionLost || error instanceof StoreMissing || refusal?.err_code === NO_PEERS || code === "TIMEOUT" || (code === "503" && this.#connection.info?.jetstream === true);
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

/** The bucket of a cluster; its stream is OBJ_<bucket>. */
export function blobBucket(cluster: string): string {
  return `millrace-${cluster}`;
}
