/**
 * A block client asks block servers for bytes, with the token of one job, over connections that it keeps. It
 * waits as long as bytes come; a server that sends none for a while is given up. What the bytes mean, and
 * whether they are the right ones, is for the caller to check.
 */
import { BlockConnection, Unreachable, type Answer, type AnswerHead } from "./block-connection.js";
import { errnoOf } from "./write-failure.js";

const NO_WAY: ReadonlySet<string> = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"]);

/** The server did not give what was asked for; `status` is its answer when there was one, and `reason` what it said. */
export class FetchError extends Error {
  readonly status: number | undefined;
  readonly reason: string;
  constructor(message: string, status?: number, reason = "", options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.reason = reason;
  }

  /** No way leads to the server: to ask again at once is in vain. */
  get unreachable(): boolean {
    return this.cause instanceof Unreachable || NO_WAY.has(errnoOf(this.cause) ?? "");
  }
}

export interface BlockClientOptions {
  readonly token: string;
  /** Milliseconds without a byte after which a server is given up. Default: 10,000. */
  readonly patience?: number;
  /** Milliseconds in which a connection must come about. Default: 4,000, in which it is asked for three times. */
  readonly connectWithin?: number;
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
  readonly headers: AnswerHead["headers"];
}

/** Bytes of an input that one request may ask for. */
export const MAX_PIECE = 4 << 20;

// Shorter than a server keeps a connection that rests, so that none breaks under a request.
const PATIENCE = 10_000;
const CONNECT_WITHIN = 4_000;
/** Connections that rest, to all servers. */
const MOST_RESTING = 64;
const REASON_BYTES = 4 << 10;

/** Requests to one server. */
interface Lane {
  readonly busy: Set<BlockConnection>;
  readonly waiting: (() => void)[];
}

export class BlockClient {
  readonly #authorization: string;
  readonly #patience: number;
  readonly #connectWithin: number;
  readonly #connections: number;
  readonly #lanes = new Map<string, Lane>();
  #resting: BlockConnection[] = [];

  constructor({ token, patience = PATIENCE, connectWithin = CONNECT_WITHIN, connections = 4 }: BlockClientOptions) {
    this.#authorization = `Bearer ${token}`;
    this.#patience = patience;
    this.#connectWithin = connectWithin;
    this.#connections = connections;
  }

  close(): void {
    for (const connection of [...this.#resting, ...[...this.#lanes.values()].flatMap(({ busy }) => [...busy])]) connection.close(new Error("no longer wanted"));
  }

  /** Rejects with FetchError. */
  async fetch(request: BlockRequest): Promise<BlockAnswer> {
    const where = `http://${request.address}${request.path}`;
    try {
      const { status, headers, body } = await this.#ask(request);
      if (isGood(status)) return { bytes: body, headers };
      const reason = Buffer.from(body).toString();
      throw new FetchError(`${where} answered ${status}${reason === "" ? "" : `: ${reason}`}`, status, reason);
    } catch (error) {
      throw error instanceof FetchError ? error : new FetchError(`${where}: ${(error as Error).message}`, undefined, "", { cause: error });
    }
  }

  async #ask(request: BlockRequest): Promise<Answer> {
    const { address, signal } = request;
    const lane = this.#lanes.get(address) ?? { busy: new Set(), waiting: [] };
    this.#lanes.set(address, lane);
    while (lane.busy.size >= this.#connections) await new Promise<void>((resolve) => lane.waiting.push(resolve));
    let connection: BlockConnection | undefined;
    const abort = (): void => connection?.close(new Error("no longer wanted"));
    signal?.addEventListener("abort", abort);
    try {
      signal?.throwIfAborted();
      connection = this.#takeResting(address) ?? new BlockConnection(address, this.#patience, this.#connectWithin);
      lane.busy.add(connection);
      return await connection.ask({ text: this.#requestText(request), objection: (head) => objectionTo(head, request) });
    } finally {
      signal?.removeEventListener("abort", abort);
      if (connection !== undefined) {
        lane.busy.delete(connection);
        this.#rest(connection);
      }
      lane.waiting.shift()?.();
    }
  }

  #takeResting(address: string): BlockConnection | undefined {
    this.#resting = this.#resting.filter((connection) => !connection.closed);
    const at = this.#resting.findIndex((connection) => connection.address === address);
    return at < 0 ? undefined : this.#resting.splice(at, 1)[0];
  }

  #rest(connection: BlockConnection): void {
    this.#resting.push(connection);
    if (this.#resting.length > MOST_RESTING) this.#resting.shift()!.close(new Error("no longer wanted"));
  }

  #requestText({ address, path, range }: BlockRequest): string {
    const wanted = range === undefined ? "" : `range: bytes=${range.start}-${range.end - 1}\r\n`;
    return `GET ${path} HTTP/1.1\r\nhost: ${address}\r\nauthorization: ${this.#authorization}\r\n${wanted}\r\n`;
  }
}

function isGood(status: number): boolean {
  return status === 200 || status === 206;
}

/** A body must be within its limit and, for a range, as long as was asked for. */
function objectionTo({ status, length }: AnswerHead, { address, path, range, limit }: BlockRequest): FetchError | undefined {
  const fits = isGood(status) ? length <= limit && (range === undefined || length === range.end - range.start) : length <= REASON_BYTES;
  return fits ? undefined : new FetchError(`http://${address}${path} would send ${length} bytes`, status);
}
