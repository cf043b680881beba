/** Compact copies of chosen rows: row i of a result is row order[start + i] of what is given. */
import { OWN_ROOM, type ColumnRoom } from "./column-room.js";
import type { BytesColumn, Column, ColumnBatch } from "./columns.js";
import { assertNever } from "../model/assert-never.js";
import { copyBytes } from "./kernels/copy-bytes.js";
import { viewOf } from "./kernels/key-words.js";

export function gatherBatch(batch: ColumnBatch, order: Int32Array, start: number, end: number, room = OWN_ROOM): ColumnBatch {
  return {
    rows: end - start,
    keys: gatherBytes(batch.keys, order, start, end, room),
    values: batch.values.map((column) => gatherColumn(column, order, start, end, room)),
  };
}

function gatherColumn(column: Column, order: Int32Array, start: number, end: number, room: ColumnRoom): Column {
  switch (column.kind) {
    case "bytes":
      return gatherBytes(column, order, start, end, room);
    case "float64":
      return { kind: "float64", values: gatherValues(column.values, order, start, room.float64(end - start)) };
    case "int64":
      return { kind: "int64", values: gatherWide(column.values, order, start, room.int64(end - start)) };
    default:
      return assertNever(column);
  }
}

const BLOCK = 16;
const CACHE_LINE = 64;

/** Offsets of the copy begin at 0. */
export function gatherBytes(column: BytesColumn, order: Int32Array, start: number, end: number, room = OWN_ROOM): BytesColumn {
  const rows = end - start;
  const offsets = room.int32(rows + 1);
  const places = room.int32(rows);
  let total = 0;
  offsets[0] = 0;
  for (let i = 0; i < rows; i++) {
    const row = order[start + i]!;
    const place = column.offsets[row]!;
    places[i] = place;
    total += column.offsets[row + 1]! - place;
    offsets[i + 1] = total;
  }
  mustFitOffsets(total);
  const from = { bytes: column.bytes, view: viewOf(column.bytes) };
  const bytes = room.bytes(total);
  const to = { bytes, view: viewOf(bytes) };
  const reads = new Int32Array(1);
  for (let block = 0; block < rows; block += BLOCK) {
    const blockEnd = Math.min(rows, block + BLOCK);
    fetch(column.bytes, places, block, blockEnd, reads);
    for (let i = block; i < blockEnd; i++) copyBytes(from, places[i]!, places[i]! + offsets[i + 1]! - offsets[i]!, to, offsets[i]!);
  }
  return { kind: "bytes", offsets, bytes };
}

/**
 * Reads a little at each of some places, so that all their cache misses are under way together; copying alone
 * waits for one row after another. Halves the time of a random order. `reads` only keeps the compiler from
 * leaving the reads out.
 */
function fetch(bytes: Uint8Array, places: Int32Array, from: number, to: number, reads: Int32Array): void {
  const last = bytes.length - 1;
  if (last < 0) return;
  let read = 0;
  for (let i = from; i < to; i++) read ^= bytes[Math.min(places[i]!, last)]! ^ bytes[Math.min(places[i]! + CACHE_LINE, last)]!;
  reads[0] = read;
}

/** Empty values. */
export function noBytes(rows: number): BytesColumn {
  return { kind: "bytes", offsets: new Int32Array(rows + 1), bytes: new Uint8Array(0) };
}

export function hasBytes({ offsets }: BytesColumn, rows: number): boolean {
  return offsets[0] !== offsets[rows];
}

/** Offsets are int32. */
export function mustFitOffsets(bytes: number): void {
  if (bytes > 0x7fffffff) throw new RangeError(`A column holds at most 2 GiB of bytes, not ${bytes}; gather fewer rows at a time`);
}

function gatherValues(values: Float64Array, order: Int32Array, start: number, out: Float64Array): Float64Array {
  for (let i = 0; i < out.length; i++) out[i] = values[order[start + i]!]!;
  return out;
}

function gatherWide(values: BigInt64Array, order: Int32Array, start: number, out: BigInt64Array): BigInt64Array {
  for (let i = 0; i < out.length; i++) out[i] = values[order[start + i]!]!;
  return out;
}
