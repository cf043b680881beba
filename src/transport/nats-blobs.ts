/**
 * Blobs in JetStream, as an object store that other tools can list (`nats object ls`). Written by the library;
 * read by single requests, so that reading needs neither a consumer on the server nor the right to make one.
 */
import type { NatsConnection, ObjectStore } from "nats";
import { errorOf } from "./error-of.js";
import { BlobError } from "./transport.js";

const ANSWER_WITHIN = 10_000;

export class NatsBlobs {
  readonly #connection: NatsConnection;
  readonly #bucket: string;
  readonly #who: string;
  #store: Promise<ObjectStore> | undefined;

  constructor(connection: NatsConnection, cluster: string, who: string) {
    this.#connection = connection;
    this.#bucket = blobBucket(cluster);
    this.#who = who;
  }

  async create(): Promise<void> {
    const store = await this.#open();
    try {
      await store.status();
    } catch (error) {
      throw this.#problem("The store for bundles cannot be made", error);
    }
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const store = await this.#open();
    try {
      if ((await store.info(name)) !== null) return;
      await store.putBlob({ name }, bytes, { timeout: ANSWER_WITHIN });
    } catch (error) {
      throw this.#problem(`Blob ${name} (${bytes.length} bytes) cannot be kept`, error);
    }
  }

  async get(name: string): Promise<Uint8Array> {
    const store = await this.#open();
    try {
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
    } catch (error) {
      throw error instanceof BlobError ? error : this.#problem(`Blob ${name} cannot be read`, error);
    }
  }

  /** Tried again after a failure: the server may have come back. */
  #open(): Promise<ObjectStore> {
    this.#store ??= this.#connection
      .jetstream({ timeout: ANSWER_WITHIN, checkAPI: false })
      .views.os(this.#bucket, { description: "Millrace: bundles of jobs" })
      .catch((error) => {
        this.#store = undefined;
        throw this.#problem("The store for bundles cannot be opened", error);
      });
    return this.#store;
  }

  #problem(what: string, thrown: unknown): BlobError {
    const { message, code } = errorOf(thrown) as Error & { code?: string };
    const why =
      code === "503"
        ? "JetStream is off: start the server with nats-server -js, or put jetstream {} into its configuration"
        : code === "PERMISSIONS_VIOLATION"
          ? `NATS does not let ${this.#who} do that (${message}). The store is made by the coordinator: start it first`
          : message === "TIMEOUT"
            ? `the server did not answer within ${ANSWER_WITHIN} ms`
            : message;
    return new BlobError(`${what}: ${why}`, { cause: thrown });
  }
}

/** The bucket of a cluster; its stream is OBJ_<bucket>. */
export function blobBucket(cluster: string): string {
  return `millrace-${cluster}`;
}
