/**
 * A file of frames grows at its end, and each frame is made durable before the next is written. A frame is
 *
 *     length of the payload | CRC-32 of the payload | CRC-32 of these 8 bytes | payload       (three u32, little-endian)
 *
 * So a crash can spoil the last frame alone, which was not durable and counts as never written. Damage with
 * a whole frame behind it is something else: bytes that were durable have changed.
 */
import { crc32 } from "node:zlib";

const HEADER = 12;

export class DamagedFrames extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super(`damaged at byte ${offset}, though whole records follow`);
    this.offset = offset;
  }
}

export function frame(payload: Uint8Array): Uint8Array {
  const framed = Buffer.allocUnsafe(HEADER + payload.length);
  framed.writeUInt32LE(payload.length, 0);
  framed.writeUInt32LE(crc32(payload), 4);
  framed.writeUInt32LE(crc32(framed.subarray(0, 8)), 8);
  framed.set(payload, HEADER);
  return framed;
}

/** The payloads of all whole frames, and where the last one ends. Throws DamagedFrames. */
export function readFrames(bytes: Uint8Array, start = 0): { readonly payloads: Uint8Array[]; readonly end: number } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payloads: Uint8Array[] = [];
  let end = start;
  for (let payload = frameAt(view, end); payload !== undefined; payload = frameAt(view, end)) {
    payloads.push(payload);
    end += HEADER + payload.length;
  }
  for (let at = end + 1; at + HEADER <= view.length; at++) if (frameAt(view, at) !== undefined) throw new DamagedFrames(end);
  return { payloads, end };
}

function frameAt(view: Buffer, at: number): Uint8Array | undefined {
  if (at + HEADER > view.length) return undefined;
  const length = view.readUInt32LE(at);
  if (at + HEADER + length > view.length) return undefined;
  if (crc32(view.subarray(at, at + 8)) !== view.readUInt32LE(at + 8)) return undefined;
  const payload = view.subarray(at + HEADER, at + HEADER + length);
  return crc32(payload) === view.readUInt32LE(at + 4) ? payload : undefined;
}
