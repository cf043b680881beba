/**
 * How a reduce reads its partition: from each map its blocks, map after map in task order, which is the
 * order in which rows are merged. Blocks are fetched some way ahead, a bounded number of bytes, several maps
 * at once; each is verified before it is parsed. No file stays open and no reader lives on between blocks,
 * so thousands of maps cost a few descriptors.
 *
 *     sources -> indexes (ahead) -> pieces of neighbouring blocks -> bytes (ahead) -> batches
 */
import type { ColumnBatch, ColumnKind } from "../columnar/columns.js";
import type { BlockClient } from "../storage/block-client.js";
import type { BlockEntry } from "./block-index.js";
import { decodeBlock, type BlockMemory } from "./block-reader.js";
import type { IndexCache } from "./index-cache.js";
import { loadAhead } from "./load-ahead.js";
import { locateBlocks, readPiece, type MapSource, type Piece } from "./map-source.js";

export interface FetchOptions {
  readonly partition: number;
  readonly partitions: number;
  /** Kinds of the value columns. */
  readonly kinds: readonly ColumnKind[];
  readonly client: BlockClient;
  readonly indexes: IndexCache;
  /** Bytes fetched and not yet taken, at most; one larger block is fetched alone. */
  readonly bytesAhead: number;
  /**
   * Where blocks that lie on this host are read to when all do: one piece at a time and none ahead, for they come
   * from the page cache and whoever takes them wants them in a place of its own. Batches may be views of it.
   */
  readonly memory?: BlockMemory | undefined;
}

/** Pieces under way at once. */
const PIECES = 8;
/** Indexes under way at once: small, and without them no piece is known. */
const INDEXES = 16;
/** Neighbours are joined up to this. */
const PIECE_BYTES = 4 << 20;

/** All rows of one partition. Throws TaskFailure `fetch-failed` with the first map, in order, that is lost. */
export async function* fetchPartition(from: Iterable<MapSource>, options: FetchOptions): AsyncGenerator<ColumnBatch, void, undefined> {
  const { partition, partitions, kinds, client, indexes, bytesAhead } = options;
  const sources = [...from];
  const memory = sources.every((source) => source.files !== undefined) ? options.memory : undefined;
  const end = new AbortController();
  const fetch = { client, indexes, signal: end.signal, memory };
  try {
    const located = loadAhead(sources, {
      items: INDEXES,
      load: async (source) => piecesOf(source, await locateBlocks(source, partition, partitions, fetch), Math.min(PIECE_BYTES, bytesAhead)),
    });
    const loaded = loadAhead(flat(located), {
      items: memory === undefined ? PIECES : 1,
      weight: bytesAhead,
      weigh: (piece) => piece.end - piece.start,
      load: (piece) => readPiece(piece, (bytes) => decodePiece(piece, bytes, kinds), fetch),
    });
    for await (const batches of loaded) yield* batches;
  } finally {
    end.abort();
  }
}

async function* flat<T>(lists: AsyncIterable<readonly T[]>): AsyncGenerator<T, void, undefined> {
  for await (const list of lists) yield* list;
}

function piecesOf(source: MapSource, blocks: readonly BlockEntry[], most: number): Piece[] {
  const pieces: { source: MapSource; blocks: BlockEntry[]; start: number; end: number }[] = [];
  for (const block of blocks) {
    const last = pieces.at(-1);
    if (last !== undefined && last.end === block.offset && last.end - last.start + block.length <= most) {
      last.blocks.push(block);
      last.end += block.length;
    } else {
      pieces.push({ source, blocks: [block], start: block.offset, end: block.offset + block.length });
    }
  }
  return pieces;
}

function decodePiece({ source, blocks, start }: Piece, bytes: Uint8Array, kinds: readonly ColumnKind[]): ColumnBatch[] {
  return blocks.map((block) => decodeBlock({ identity: source.identity, kinds }, block, bytes.subarray(block.offset - start, block.offset - start + block.length)));
}
