/**
 * The k largest values of each group, by a member of theirs or as wholes. Values are kept as encoded bytes, which order as they do: up
 * to twice k of a group before the k largest are sorted out. From then on the least of these turns most rows away by what
 * they are ordered by, and nothing else of them is read.
 *
 * All candidates lie in one run of bytes, which is packed when half of it is no longer wanted; a partial result is a group's candidates:
 *
 *     length of the next | length of the whole (uint32 each, little-endian) | what it is ordered by first, or nothing | the whole value
 */
import { ByteSink } from "../byte-sink.js";
import { decoderFor, encoderFor, type Decode, type Encode } from "../codec.js";
import type { BytesColumn, Column, ColumnKind } from "../columns.js";
import { compareBytes } from "../kernels/compare-bytes.js";
import type { AggregateState } from "./aggregate-state.js";
import { encodedCells } from "./encoded-cells.js";
import type { AggregateInput } from "./input-column.js";

interface Group {
  /** Where its candidates lie. */
  places: number[];
  /** The k-th largest of those that have been sorted; NONE before there are so many. */
  least: number;
}

const NONE = -1;
/** Bytes before a candidate's own. */
const LENGTHS = 8;
/** Groups are not sorted out before they have so many candidates. */
const FEWEST = 8;
/** Rough memory of a group and of a place. */
const GROUP_BYTES = 96;
const PLACE_BYTES = 8;
/** Bytes no longer wanted before it is worth packing the rest. */
const LEAST_WASTE = 1 << 20;

export class TopK implements AggregateState {
  readonly kinds: readonly ColumnKind[] = ["bytes"];
  readonly #k: number;
  readonly #most: number;
  readonly #by: AggregateInput | undefined;
  readonly #read: (values: readonly Column[], row: number) => unknown;
  readonly #encode: Encode;
  readonly #decode: Decode;
  #groups: Group[] = [];
  #run = new ByteSink();
  #places = 0;
  #wasted = 0;

  /** `whole.read` gives a value, which is ordered by `by` first, if that is there. */
  constructor(k: number, whole: { readonly type: AggregateInput["type"]; readonly read: (values: readonly Column[], row: number) => unknown }, by: AggregateInput | undefined) {
    this.#k = k;
    this.#most = Math.max(FEWEST, 2 * k);
    this.#by = by;
    this.#read = whole.read;
    this.#encode = encoderFor(whole.type);
    this.#decode = decoderFor(whole.type);
  }

  get bytes(): number {
    return this.#run.length + PLACE_BYTES * this.#places + GROUP_BYTES * this.#groups.length;
  }

  grow(groups: number): void {
    while (this.#groups.length < groups) this.#groups.push({ places: [], least: NONE });
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    const by = this.#by && encodedCells(this.#by.type, this.#by.column(values, rows), rows);
    const run = this.#run;
    for (let row = 0; row < rows; row++) {
      const group = this.#groups[codes[row]!]!;
      const from = by === undefined ? 0 : by.offsets[row]!;
      const to = by === undefined ? 0 : by.offsets[row + 1]!;
      if (by !== undefined && group.least !== NONE && this.#orderOfBy(group.least, by.bytes, from, to) > 0) continue;
      const place = run.length;
      run.uint32(to - from);
      run.uint32(0);
      if (by !== undefined) run.copy(by.bytes, from, to);
      const start = run.length;
      this.#encode(this.#read(values, row), run);
      writeUint32(run.bytes, place + 4, run.length - start);
      this.#consider(group, place);
    }
    this.#packIfWorth();
  }

  merge(codes: Int32Array, [partial]: readonly Column[], rows: number): void {
    const { offsets, bytes } = partial as BytesColumn;
    for (let row = 0; row < rows; row++) {
      for (let at = offsets[row]!; at < offsets[row + 1]!; ) {
        const place = this.#run.length;
        const end = endOf(bytes, at);
        this.#run.copy(bytes, at, end);
        at = end;
        this.#consider(this.#groups[codes[row]!]!, place);
      }
    }
    this.#packIfWorth();
  }

  export(groups: Int32Array, rows: number): Column[] {
    const out = new ByteSink();
    const offsets = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      for (const place of this.#largest(this.#groups[groups[row]!]!)) out.copy(this.#run.bytes, place, endOf(this.#run.bytes, place));
      offsets[row + 1] = out.length;
    }
    return [{ kind: "bytes", offsets, bytes: out.bytes }];
  }

  finish(group: number): unknown {
    const { bytes } = this.#run;
    return this.#largest(this.#groups[group]!).map((place) => this.#decode(bytes, wholeOf(bytes, place), endOf(bytes, place)));
  }

  clear(): void {
    this.#groups = [];
    this.#run.clear();
    this.#places = 0;
    this.#wasted = 0;
  }

  /** Takes the candidate at the end of the run, or takes it back. */
  #consider(group: Group, place: number): void {
    if (group.least !== NONE && this.#largestFirst(place, group.least) >= 0) {
      this.#run.length = place;
      return;
    }
    group.places.push(place);
    this.#places++;
    if (group.places.length >= this.#most) this.#largest(group);
  }

  /** The places of a group's k largest, which are all that stay. */
  #largest(group: Group): readonly number[] {
    const { places } = group;
    places.sort((left, right) => this.#largestFirst(left, right));
    for (let i = this.#k; i < places.length; i++) this.#wasted += endOf(this.#run.bytes, places[i]!) - places[i]!;
    this.#places -= Math.max(0, places.length - this.#k);
    if (places.length >= this.#k) {
      places.length = this.#k;
      group.least = places.at(-1)!;
    }
    return places;
  }

  #largestFirst(left: number, right: number): number {
    const { bytes } = this.#run;
    const whole = wholeOf(bytes, left);
    const other = wholeOf(bytes, right);
    return compareBytes(bytes, right + LENGTHS, other, bytes, left + LENGTHS, whole) || compareBytes(bytes, other, endOf(bytes, right), bytes, whole, endOf(bytes, left));
  }

  /** Above 0 where a candidate is larger than bytes[from..to) by what it is ordered by first. */
  #orderOfBy(place: number, bytes: Uint8Array, from: number, to: number): number {
    const own = this.#run.bytes;
    return compareBytes(own, place + LENGTHS, wholeOf(own, place), bytes, from, to);
  }

  #packIfWorth(): void {
    if (this.#wasted < LEAST_WASTE || 2 * this.#wasted < this.#run.length) return;
    const { bytes } = this.#run;
    const packed = new ByteSink(2 * (this.#run.length - this.#wasted));
    for (const group of this.#groups) {
      // Its new place may be another's old one.
      const { least } = group;
      for (let i = 0; i < group.places.length; i++) {
        const place = group.places[i]!;
        if (place === least) group.least = packed.length;
        group.places[i] = packed.length;
        packed.copy(bytes, place, endOf(bytes, place));
      }
    }
    this.#run = packed;
    this.#wasted = 0;
  }
}

function wholeOf(bytes: Uint8Array, place: number): number {
  return place + LENGTHS + readUint32(bytes, place);
}

function endOf(bytes: Uint8Array, place: number): number {
  return place + LENGTHS + readUint32(bytes, place) + readUint32(bytes, place + 4);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
