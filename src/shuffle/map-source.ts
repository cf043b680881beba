/**
 * A map source is one map's output as a reduce sees it. Blocks are read from the file when it lies on this
 * host, and otherwise, or when the file turns out to be missing or damaged, from the block server of the
 * worker that owns it. The server is asked twice before the map counts as lost,
 * unless it cannot be reached at all.
 */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { TaskFailure } from "../errors.js";
import { parseAttemptId } from "../model/ids.js";
import { FetchError, type BlockClient } from "../storage/block-client.js";
import { errnoOf } from "../storage/write-failure.js";
import { DamagedBlockError, decodeIndex, type BlockEntry } from "./block-index.js";
import type { BlockMemory } from "./block-reader.js";
import type { IndexCache } from "./index-cache.js";

export interface MapSource {
  /** Attempt id of the map. */
  readonly identity: string;
  /** Its files, where they lie on this host. */
  readonly files?: { readonly data: string; readonly index: string };
  /** host:port of the block server that gives them; empty when there is none. */
  readonly address: string;
}

/** What gives blocks that lie elsewhere. */
export interface BlockFetch {
  readonly client: BlockClient;
  readonly indexes: IndexCache;
  readonly signal: AbortSignal;
  /** Where blocks of this host are read to. */
  readonly memory?: BlockMemory | undefined;
}

/** Neighbouring blocks of one map, read at once. */
export interface Piece {
  readonly source: MapSource;
  readonly blocks: readonly BlockEntry[];
  readonly start: number;
  readonly end: number;
}

const MOST_INDEX_BYTES = 256 << 20;

/** The blocks of one segment, in the order in which they were written. Throws TaskFailure `fetch-failed`. */
export function locateBlocks(source: MapSource, segment: number, segments: number, fetch: BlockFetch): Promise<readonly BlockEntry[]> {
  const decode = (bytes: Uint8Array): readonly BlockEntry[] => {
    const index = decodeIndex(bytes, source.identity, segment);
    if (index.segments !== segments) throw new DamagedBlockError(`${source.identity} has ${index.segments} segments, expected ${segments}`);
    return index.blocks;
  };
  const remote = async (): Promise<readonly BlockEntry[]> => {
    const cached = fetch.indexes.get(source.identity);
    if (cached !== undefined) return decode(cached);
    const { bytes } = await fetch.client.fetch({ address: source.address, path: `/blocks/${source.identity}/index`, limit: MOST_INDEX_BYTES, signal: fetch.signal });
    const blocks = decode(bytes);
    fetch.indexes.put(source.identity, bytes);
    return blocks;
  };
  return fromEither(source, ({ index }) => decode(readFileSync(index)), remote);
}

/** Reads a piece and gives it to `verify`, which throws DamagedBlockError for bytes that are not what they should be. */
export function readPiece<T>({ source, blocks, start, end }: Piece, verify: (bytes: Uint8Array) => T, { client, signal, memory = ownMemory }: BlockFetch): Promise<T> {
  const here = ({ data }: NonNullable<MapSource["files"]>): T => verify(readRange(data, start, memory(end - start, blocks.reduce((sum, block) => sum + block.rows, 0))));
  const range = { start, end };
  const remote = async (): Promise<T> => verify((await client.fetch({ address: source.address, path: `/blocks/${source.identity}/data`, range, limit: end - start, signal })).bytes);
  return fromEither(source, here, remote);
}

async function fromEither<T>(source: MapSource, here: (files: NonNullable<MapSource["files"]>) => T, remote: () => Promise<T>): Promise<T> {
  let cause: unknown = new FetchError("its worker has no block server");
  if (source.files !== undefined) {
    try {
      return here(source.files);
    } catch (error) {
      cause = blocksLost(error);
    }
  }
  for (let tries = source.address === "" ? 0 : 2; tries > 0; tries--) {
    try {
      return await remote();
    } catch (error) {
      cause = blocksLost(error);
      if (error instanceof FetchError && error.unreachable) break;
    }
  }
  throw lostMap(source, cause as Error);
}

/** Errors that mean that blocks cannot be had; whatever else it is, is thrown. */
function blocksLost(error: unknown): Error {
  if (error instanceof DamagedBlockError || error instanceof FetchError) return notOurs(error);
  if (!(error instanceof TaskFailure) && errnoOf(error) !== undefined) return notOurs(error as Error);
  throw error;
}

/** A process without free file descriptors is not the map's fault: running the map again would not help. */
function notOurs(error: Error): Error {
  const errno = errnoOf(error) ?? errnoOf(error.cause);
  if (errno !== "EMFILE" && errno !== "ENFILE") return error;
  throw new TaskFailure({ kind: "io-error", message: `Blocks cannot be read: this worker has too many files open (${errno}); raise \`ulimit -n\`` }, { cause: error });
}

function lostMap({ identity, files, address }: MapSource, cause: Error): TaskFailure {
  const { index, attempt } = parseAttemptId(identity);
  const where = [...(files === undefined ? [] : [files.data]), ...(address === "" ? [] : [address])].join(" or ");
  const message = `The output of map ${identity} cannot be read from ${where}: ${cause.message}`;
  const unreachable = cause instanceof FetchError && cause.unreachable;
  return new TaskFailure({ kind: "fetch-failed", message, lostMap: { index, attempt, ...(unreachable ? { unreachable } : {}) } }, { cause });
}

function ownMemory(bytes: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
}

function readRange(path: string, start: number, bytes: Uint8Array): Uint8Array {
  const file = openSync(path, "r");
  try {
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(file, bytes, done, bytes.length - done, start + done);
      if (count === 0) throw new DamagedBlockError(`${path} ends ${bytes.length - done} bytes too early`);
      done += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
