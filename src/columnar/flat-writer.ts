/**
 * FlatBuffers, as far as Arrow's metadata needs them: tables, vectors and strings, written front to back.
 * Arrow's own generated classes would do, but importing them costs a thread 50 ms; this costs nothing.
 * Format: https://flatbuffers.dev/internals
 */
export type FlatNode =
  /** One entry for each slot; `undefined` leaves the schema's default. */
  | { readonly node: "table"; readonly slots: readonly (FlatScalar | FlatNode | undefined)[] }
  | { readonly node: "tables"; readonly items: readonly FlatNode[] }
  /** A vector of structs that are made of 64-bit integers, `stride` to each. */
  | { readonly node: "longs"; readonly stride: number; readonly values: readonly number[] }
  | { readonly node: "text"; readonly text: string };

export interface FlatScalar {
  readonly node: "scalar";
  readonly size: 1 | 2 | 4 | 8;
  readonly value: number;
}

export const scalar = (size: FlatScalar["size"], value: number): FlatScalar => ({ node: "scalar", size, value });
export const table = (...slots: readonly (FlatScalar | FlatNode | undefined)[]): FlatNode => ({ node: "table", slots });
export const tables = (items: readonly FlatNode[]): FlatNode => ({ node: "tables", items });
export const longs = (stride: number, values: readonly number[]): FlatNode => ({ node: "longs", stride, values });
export const text = (value: string): FlatNode => ({ node: "text", text: value });

/** The bytes of a buffer with this root, padded to whole multiples of 8. */
export function encodeFlat(root: FlatNode): Uint8Array {
  const writer = new FlatWriter();
  const slot = writer.skip(4, 4);
  writer.refer(slot, root);
  writer.skip(0, 8);
  return writer.bytes.subarray(0, writer.length);
}

class FlatWriter {
  bytes = new Uint8Array(512);
  view = new DataView(this.bytes.buffer);
  length = 0;

  /** Leaves room for `size` zero bytes at a multiple of `align` and returns where. */
  skip(size: number, align: number): number {
    const at = Math.ceil(this.length / align) * align;
    this.length = at + size;
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(this.length * 2);
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }

  /** Writes `node` behind all else and points the offset at `slot` to it. */
  refer(slot: number, node: FlatNode): void {
    // Writing may move the bytes, so the view is looked up after it.
    const at = this.write(node);
    this.view.setUint32(slot, at - slot, true);
  }

  write(node: FlatNode): number {
    switch (node.node) {
      case "table":
        return this.writeTable(node.slots);
      case "tables": {
        const at = this.skip(4 + node.items.length * 4, 4);
        this.view.setUint32(at, node.items.length, true);
        node.items.forEach((item, i) => this.refer(at + 4 + i * 4, item));
        return at;
      }
      case "longs": {
        // Elements stand at multiples of 8, so the length before them stands 4 off.
        const first = this.skip(4, 8) + 8;
        this.skip(first - this.length + node.values.length * 8, 1);
        this.view.setUint32(first - 4, node.values.length / node.stride, true);
        node.values.forEach((value, i) => this.view.setBigInt64(first + i * 8, BigInt(value), true));
        return first - 4;
      }
      case "text": {
        const utf8 = new TextEncoder().encode(node.text);
        const at = this.skip(4 + utf8.length + 1, 4);
        this.view.setUint32(at, utf8.length, true);
        this.bytes.set(utf8, at + 4);
        return at;
      }
    }
  }

  /** A vtable (its size, the table's size, each slot's place), then the table with its slots in order. */
  private writeTable(slots: readonly (FlatScalar | FlatNode | undefined)[]): number {
    const vtable = this.skip(4 + slots.length * 2, 2);
    const at = this.skip(4, 4);
    this.view.setInt32(at, at - vtable, true);
    const references: [number, FlatNode][] = [];
    slots.forEach((slot, i) => {
      if (slot === undefined) return;
      const size = slot.node === "scalar" ? slot.size : 4;
      const place = this.skip(size, size);
      this.view.setUint16(vtable + 4 + i * 2, place - at, true);
      if (slot.node === "scalar") this.setScalar(place, slot);
      else references.push([place, slot]);
    });
    this.view.setUint16(vtable, 4 + slots.length * 2, true);
    this.view.setUint16(vtable + 2, this.length - at, true);
    for (const [place, node] of references) this.refer(place, node);
    return at;
  }

  private setScalar(at: number, { size, value }: FlatScalar): void {
    if (size === 1) this.view.setInt8(at, value);
    else if (size === 2) this.view.setInt16(at, value, true);
    else if (size === 4) this.view.setInt32(at, value, true);
    else this.view.setBigInt64(at, BigInt(value), true);
  }
}
