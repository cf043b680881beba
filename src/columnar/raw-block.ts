/**
 * A raw block is a piece of a file on its way to another machine: an Arrow record batch of one row whose only
 * column holds the bytes as they are. Its checksum starts from its identity, which says what piece it is.
 */
import { crc32 } from "node:zlib";
import { decodeBatch, encodeBatch } from "./ipc-batch.js";

export interface RawBlock {
  readonly message: Uint8Array;
  readonly crc: number;
}

export function encodeRawBlock(identity: string, bytes: Uint8Array): RawBlock {
  const message = encodeBatch({ rows: 1, keys: { kind: "bytes", offsets: Int32Array.of(0, bytes.length), bytes }, values: [] });
  return { message, crc: crc32(message, crc32(identity)) };
}

/** The piece of `length` bytes; undefined when what came is not what was sent. */
export function decodeRawBlock(identity: string, { message, crc }: RawBlock, length: number): Uint8Array | undefined {
  if (crc32(message, crc32(identity)) !== crc) return undefined;
  const { rows, keys } = decodeBatch(message, []);
  const bytes = keys.bytes.subarray(keys.offsets[0], keys.offsets[1]);
  return rows === 1 && bytes.length === length ? bytes : undefined;
}
