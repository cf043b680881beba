/**
 * Reads the FlatBuffers of Arrow's metadata without trust: every offset and length is checked against the
 * buffer before it is followed, and a budget bounds the work, since offsets of a crafted buffer may meet
 * again and again. Slots are those of Arrow's Message.fbs, Schema.fbs and File.fbs.
 */
import { ArrowFormatError } from "./arrow-format-error.js";

export class FlatTable {
  private readonly source: Source;
  private readonly at: number;
  private readonly vtable: number;
  private readonly vtableSize: number;

  private constructor(source: Source, at: number) {
    source.visit(1);
    this.source = source;
    this.at = at;
    this.vtable = at - source.int32(at);
    this.vtableSize = source.uint16(this.vtable);
  }

  static root(bytes: Uint8Array): FlatTable {
    const source = new Source(bytes);
    return new FlatTable(source, source.target(0));
  }

  bool(slot: number): boolean {
    const at = this.place(slot);
    return at !== 0 && this.source.uint8(at) !== 0;
  }

  uint8(slot: number): number {
    const at = this.place(slot);
    return at === 0 ? 0 : this.source.uint8(at);
  }

  int16(slot: number, otherwise = 0): number {
    const at = this.place(slot);
    return at === 0 ? otherwise : (this.source.uint16(at) << 16) >> 16;
  }

  int32(slot: number, otherwise = 0): number {
    const at = this.place(slot);
    return at === 0 ? otherwise : this.source.int32(at);
  }

  /** A 64-bit length or id; beyond 2^53 it is damage. */
  int64(slot: number): number {
    const at = this.place(slot);
    return at === 0 ? 0 : this.source.int64(at);
  }

  text(slot: number): string | undefined {
    const at = this.place(slot);
    if (at === 0) return undefined;
    const start = this.source.target(at);
    const length = this.source.vector(start, 1);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.source.bytes.subarray(start + 4, start + 4 + length));
  }

  table(slot: number): FlatTable | undefined {
    const at = this.place(slot);
    return at === 0 ? undefined : new FlatTable(this.source, this.source.target(at));
  }

  tables(slot: number): FlatTable[] {
    const at = this.place(slot);
    if (at === 0) return [];
    const start = this.source.target(at);
    const length = this.source.vector(start, 4);
    return Array.from({ length }, (_, i) => new FlatTable(this.source, this.source.target(start + 4 + i * 4)));
  }

  /** A vector of structs made of 64-bit integers, as numbers one after another. `narrow` names the member that has only 32 bits. */
  longs(slot: number, stride: number, narrow = -1): number[] {
    const at = this.place(slot);
    if (at === 0) return [];
    const start = this.source.target(at);
    const length = this.source.vector(start, stride * 8) * stride;
    return Array.from({ length }, (_, i) => (i % stride === narrow ? this.source.int32(start + 4 + i * 8) : this.source.int64(start + 4 + i * 8)));
  }

  /** Where a slot's value stands; 0 when the table leaves it out. */
  private place(slot: number): number {
    const entry = 4 + slot * 2;
    if (entry + 2 > this.vtableSize) return 0;
    const offset = this.source.uint16(this.vtable + entry);
    return offset === 0 ? 0 : this.at + offset;
  }
}

class Source {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  /** Tables and elements that may still be visited. Honest metadata has fewer than it has bytes. */
  private visits: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.visits = 1000 + 4 * bytes.length;
  }

  visit(count: number): void {
    this.visits -= count;
    if (this.visits < 0) throw new ArrowFormatError("its metadata points to the same place over and over");
  }

  uint8(at: number): number {
    return this.view.getUint8(this.within(at, 1));
  }
  uint16(at: number): number {
    return this.view.getUint16(this.within(at, 2), true);
  }
  int32(at: number): number {
    return this.view.getInt32(this.within(at, 4), true);
  }
  int64(at: number): number {
    const value = Number(this.view.getBigInt64(this.within(at, 8), true));
    if (!Number.isSafeInteger(value)) throw new ArrowFormatError(`its metadata holds the length ${value}`);
    return value;
  }

  /** Follows the offset that stands at `at`. */
  target(at: number): number {
    const offset = this.view.getUint32(this.within(at, 4), true);
    return this.within(at + offset, 4);
  }

  /** Length of the vector at `start`, whose elements of `size` bytes must all lie in the buffer. */
  vector(start: number, size: number): number {
    const length = this.view.getUint32(this.within(start, 4), true);
    this.visit(length);
    this.within(start + 4, length * size);
    return length;
  }

  private within(at: number, size: number): number {
    if (at < 0 || at + size > this.bytes.length) throw new ArrowFormatError("its metadata points outside itself");
    return at;
  }
}
