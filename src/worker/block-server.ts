/**
 * A block server gives the blocks in its store to reduces and maps on other machines, over HTTP:
 *
 *     GET /blocks/<attempt>/index                      a map output's index
 *     GET /blocks/<attempt>/data     Range: bytes=a-b  its data
 *     GET /inputs/<name>/<from>-<to>                   bytes of a shipped input, as a block
 *     Authorization: Bearer <token of the job>
 *
 * It listens on loopback unless it is told otherwise. Names are looked up in the store, exactly as they came:
 * nothing is decoded, normalised or joined. Clients that are slow to ask or stop reading are cut off.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { BlockStore } from "./block-store.js";
import { refuse, sendFile, type Sent } from "./send-file.js";
import { sendInput } from "./send-input.js";

export interface BlockServerOptions {
  readonly store: BlockStore;
  /** Address to listen on. Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Name or address under which other machines reach this one. Default: `host`. */
  readonly advertise?: string;
  readonly limits?: Partial<BlockServerLimits>;
}

export interface BlockServerLimits {
  /** Connections open at once; more are closed as they come. Default: 256. */
  readonly connections: number;
  /** Milliseconds in which a request's headers must have come. Default: 5,000. */
  readonly headersTimeout: number;
  /** Milliseconds without a byte either way in the midst of a response. Default: 30,000. */
  readonly stallTimeout: number;
  /** Milliseconds that a connection may rest between requests. Default: 20,000. */
  readonly idleTimeout: number;
}

export interface BlockServerStats {
  /** Responses by status. */
  readonly responses: Readonly<Record<number, number>>;
  readonly bytes: number;
  readonly connections: number;
}

const DEFAULTS: BlockServerLimits = { connections: 256, headersTimeout: 5_000, stallTimeout: 30_000, idleTimeout: 20_000 };
const HEADER_BYTES = 8 << 10;
const BLOCKS = /^\/blocks\/([A-Za-z0-9_-]{1,128})\/(data|index)$/;
const INPUTS = /^\/inputs\/([A-Za-z0-9_-]{1,128})\/(\d{1,15})-(\d{1,15})$/;
const BEARER = /^Bearer ([0-9a-f]{32})$/;

export class BlockServer {
  /** host:port, for others to connect to. */
  readonly address: string;
  readonly #server: Server;
  readonly #state: ServerState;

  private constructor(server: Server, state: ServerState, address: string) {
    this.#server = server;
    this.#state = state;
    this.address = address;
  }

  /** Rejects with the system's error when it cannot listen. */
  static async start({ store, host = "127.0.0.1", port = 0, advertise = host, limits }: BlockServerOptions): Promise<BlockServer> {
    const { connections, headersTimeout, stallTimeout, idleTimeout } = { ...DEFAULTS, ...limits };
    const state: ServerState = { store, responses: {}, bytes: 0 };
    const server = createServer(
      { maxHeaderSize: HEADER_BYTES, headersTimeout, requestTimeout: headersTimeout, keepAliveTimeout: idleTimeout, connectionsCheckingInterval: Math.min(1_000, headersTimeout / 2) },
      (request, response) => void answer(state, request, response),
    );
    server.maxConnections = connections;
    server.timeout = stallTimeout;
    server.on("clientError", (_, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
    const name = advertise.includes(":") ? `[${advertise}]` : advertise;
    return new BlockServer(server, state, `${name}:${(server.address() as AddressInfo).port}`);
  }

  async stats(): Promise<BlockServerStats> {
    const connections = await new Promise<number>((resolve) => this.#server.getConnections((_, count) => resolve(count)));
    return { responses: { ...this.#state.responses }, bytes: this.#state.bytes, connections };
  }

  /** Cuts off whoever still reads. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

interface ServerState {
  readonly store: BlockStore;
  readonly responses: Record<number, number>;
  bytes: number;
}

async function answer(state: ServerState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.sendDate = false;
  // A client that goes away is no event here: the response is over.
  response.on("error", () => {});
  try {
    const { status, bytes } = await send(state.store, request, response);
    state.responses[status] = (state.responses[status] ?? 0) + 1;
    state.bytes += bytes;
  } catch {
    response.destroy();
  }
}

async function send(store: BlockStore, request: IncomingMessage, response: ServerResponse): Promise<Sent> {
  const { method, url = "", headers } = request;
  if (method !== "GET") return refuse(response, 405, { allow: "GET", connection: "close" });
  if (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0") return refuse(response, 413, { connection: "close" });
  const [, token] = BEARER.exec(headers.authorization ?? "") ?? [];
  if (token === undefined) return refuse(response, 401, { "www-authenticate": "Bearer" });
  const blocks = BLOCKS.exec(url);
  const input = INPUTS.exec(url);
  const name = blocks?.[1] ?? input?.[1];
  if (name === undefined) return refuse(response, 404);
  const found = store.find(name, token);
  if (found === "refused") return refuse(response, 403);
  if (found === "unknown") return refuse(response, 404);
  if (found.type === "map-output" && blocks !== null) return sendFile(response, blocks[2] === "data" ? found.data : found.index, headers.range);
  if (found.type === "input" && input !== null) return sendInput(response, name, found.file, Number(input[2]), Number(input[3]));
  return refuse(response, 404);
}
