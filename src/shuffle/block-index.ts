/**
 * A block file is how rows rest between stages: an Arrow IPC stream whose record batches are called blocks,
 * and beside it an index that lists them. Each block belongs to a segment: a reduce partition in a map's
 * output, a sorted run in a spill file. Arrow has no checksum of its own, so the index carries one for each
 * block, with length and row count; both checksums start from the identity of the writer, so that the right
 * bytes of the wrong attempt are noticed too.
 *
 *     index = magic u32, version u32, segments u32, blocks u32, data bytes f64, blocks x entry, crc u32
 *     entry = segment u32, length u32, offset f64, rows u32, sum u32      (little-endian)
 */
import { crc32 } from "node:zlib";
import { checksum } from "../columnar/kernels/checksum.js";

export interface BlockEntry {
  readonly segment: number;
  /** Byte range in the data file. */
  readonly offset: number;
  readonly length: number;
  readonly rows: number;
  readonly sum: number;
}

export interface BlockIndex {
  readonly segments: number;
  /** Length of the data file. */
  readonly dataBytes: number;
  /** In the order in which they were written. */
  readonly blocks: readonly BlockEntry[];
}

/** What was read is not what was written. */
export class DamagedBlockError extends Error {}

const MAGIC = 0x58_49_52_4d; // "MRIX"
const VERSION = 2;
const HEADER = 24;
const ENTRY = 24;

/** Of the bytes of a block, in pieces laid end to end. */
export function blockSum(identity: string, segment: number, ...pieces: readonly Uint8Array[]): number {
  return checksum(crc32(`${identity}/${segment}`), pieces);
}

export function encodeIndex(index: BlockIndex, identity: string): Uint8Array {
  const bytes = new Uint8Array(HEADER + index.blocks.length * ENTRY + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, index.segments, true);
  view.setUint32(12, index.blocks.length, true);
  view.setFloat64(16, index.dataBytes, true);
  index.blocks.forEach((block, i) => {
    const at = HEADER + i * ENTRY;
    view.setUint32(at, block.segment, true);
    view.setUint32(at + 4, block.length, true);
    view.setFloat64(at + 8, block.offset, true);
    view.setUint32(at + 16, block.rows, true);
    view.setUint32(at + 20, block.sum, true);
  });
  const end = bytes.length - 4;
  view.setUint32(end, crc32(bytes.subarray(0, end), crc32(identity)), true);
  return bytes;
}

/** `only`: leave out the blocks of all segments but this one. */
export function decodeIndex(bytes: Uint8Array, identity: string, only?: number): BlockIndex {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - 4;
  if (end < HEADER || view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) throw new DamagedBlockError(`The index of ${identity} is no block index`);
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end), crc32(identity))) throw new DamagedBlockError(`The index of ${identity} fails its checksum`);
  const count = view.getUint32(12, true);
  if (HEADER + count * ENTRY !== end) throw new DamagedBlockError(`The index of ${identity} has the wrong length`);
  const blocks: BlockEntry[] = [];
  for (let at = HEADER; at < end; at += ENTRY) {
    const segment = view.getUint32(at, true);
    if (only !== undefined && segment !== only) continue;
    blocks.push({
      segment,
      length: view.getUint32(at + 4, true),
      offset: view.getFloat64(at + 8, true),
      rows: view.getUint32(at + 16, true),
      sum: view.getUint32(at + 20, true),
    });
  }
  return { segments: view.getUint32(8, true), dataBytes: view.getFloat64(16, true), blocks };
}
