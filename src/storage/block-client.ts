/**
 * A block client asks block servers for bytes, with the token of one job, over connections that it keeps. It
 * waits as long as bytes come; a server that sends none for a while is given up. What the bytes mean, and
 * whether they are the right ones, is for the caller to check.
 */
import { Agent, get, type IncomingMessage } from "node:http";

/** The server did not give what was asked for; `status` is its answer when there was one, and `reason` what it said. */
export class FetchError extends Error {
  readonly status: number | undefined;
  readonly reason: string;
  constructor(message: string, status?: number, reason = "", options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.reason = reason;
  }
}

export interface BlockClientOptions {
  readonly token: string;
  /** Milliseconds without a byte after which a server is given up. Default: 10,000. */
  readonly patience?: number;
  /** Connections to one server at most. Default: 4. */
  readonly connections?: number;
}

export interface BlockRequest {
  /** host:port */
  readonly address: string;
  readonly path: string;
  /** Half-open range of bytes. */
  readonly range?: { readonly start: number; readonly end: number };
  /** Most bytes that the answer may have. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

export interface BlockAnswer {
  readonly bytes: Uint8Array;
  readonly headers: IncomingMessage["headers"];
}

/** Bytes of an input that one request may ask for. */
export const MAX_PIECE = 4 << 20;

const PATIENCE = 10_000;
const REASON_BYTES = 4 << 10;

export class BlockClient {
  readonly #authorization: string;
  readonly #patience: number;
  readonly #agent: Agent;

  constructor({ token, patience = PATIENCE, connections = 4 }: BlockClientOptions) {
    this.#authorization = `Bearer ${token}`;
    this.#patience = patience;
    // Idle connections are dropped before the server does, so that none breaks under a request.
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections, maxTotalSockets: 64, timeout: Math.max(patience, 5_000) });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Rejects with FetchError. */
  fetch({ address, path, range, limit, signal }: BlockRequest): Promise<BlockAnswer> {
    const { host, port } = addressParts(address);
    const headers = { authorization: this.#authorization, ...(range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` }) };
    const where = `http://${address}${path}`;
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(error instanceof FetchError ? error : new FetchError(`${where}: ${error.message}`, undefined, "", { cause: error }));
      const request = get({ host, port, path, headers, agent: this.#agent, ...(signal === undefined ? {} : { signal }) }, (response) => {
        response.on("error", failed);
        const { statusCode: status = 0 } = response;
        const good = status === 200 || status === 206;
        receive(response, where, good ? limit : REASON_BYTES, good ? range : undefined).then((bytes) => {
          if (good) {
            resolve({ bytes, headers: response.headers });
            return;
          }
          const reason = Buffer.from(bytes).toString();
          failed(new FetchError(`${where} answered ${status}${reason === "" ? "" : `: ${reason}`}`, status, reason));
        }, failed);
      });
      request.on("error", failed);
      request.setTimeout(this.#patience, () => request.destroy(new FetchError(`${where} sent no byte for ${this.#patience} ms`)));
    });
  }
}

/** The body, which must be as long as it claims and, for a range, as was asked for. */
function receive(response: IncomingMessage, where: string, limit: number, range: BlockRequest["range"]): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const length = Number(response.headers["content-length"] ?? -1);
    const fits = Number.isInteger(length) && length >= 0 && length <= limit && (range === undefined || length === range.end - range.start);
    if (!fits) {
      response.destroy();
      return reject(new FetchError(`${where} would send ${length} bytes`, response.statusCode));
    }
    // Memory of its own: blocks are views of it, and begin where it is aligned.
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
    let filled = 0;
    response.on("data", (chunk: Uint8Array) => {
      bytes.set(chunk, filled);
      filled += chunk.length;
    });
    response.on("end", () => (filled === length ? resolve(bytes) : reject(new FetchError(`${where} ended after ${filled} of ${length} bytes`))));
    response.on("close", () => reject(new FetchError(`${where} broke off after ${filled} of ${length} bytes`)));
  });
}

function addressParts(address: string): { readonly host: string; readonly port: number } {
  const cut = address.lastIndexOf(":");
  return { host: address.slice(0, cut).replace(/^\[|\]$/g, ""), port: Number(address.slice(cut + 1)) };
}
