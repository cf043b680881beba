/**
 * How many different values, by HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) with 2^12 registers of six
 * bits' worth and linear counting for small numbers. Registers of merged states are the maxima, so the order
 * of merging never shows.
 */
import { ByteSink } from "../byte-sink.js";
import type { BytesColumn, Column, ColumnKind } from "../columns.js";
import { encodedCells } from "./encoded-cells.js";
import { hashKeys } from "../kernels/hash-keys.js";
import type { AggregateState } from "./aggregate-state.js";
import type { AggregateInput } from "./input-column.js";

const REGISTERS = 1 << 12;
/** As many take as much memory in a map as all of them by themselves. */
const MOST_IN_MAP = REGISTERS / 40;
/** 2 to the power of -rank. */
const POWERS = Float64Array.from({ length: 34 }, (_, rank) => 2 ** -rank);
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

export class ApproxDistinct implements AggregateState {
  readonly kinds: readonly ColumnKind[] = ["bytes"];
  readonly #input: AggregateInput;
  /** Registers of a group: those that are set, by number, or once these are many, all. */
  #groups: (Map<number, number> | Uint8Array)[] = [];
  /** Registers that are held in maps, and groups that hold all. */
  #set = 0;
  #whole = 0;

  constructor(input: AggregateInput) {
    this.#input = input;
  }

  get bytes(): number {
    return 128 * this.#groups.length + 40 * this.#set + REGISTERS * this.#whole;
  }

  grow(groups: number): void {
    while (this.#groups.length < groups) this.#groups.push(new Map());
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    const cells = encodedCells(this.#input.type, this.#input.column(values, rows), rows);
    const places = new Uint32Array(rows);
    const ranks = new Uint32Array(rows);
    hashKeys(cells, rows, 0x51ed270b, places);
    hashKeys(cells, rows, 0x2545f491, ranks);
    for (let row = 0; row < rows; row++) {
      if (this.#input.type.nullable && cells.bytes[cells.offsets[row]!] === 0) continue;
      this.#raise(codes[row]!, places[row]! & (REGISTERS - 1), Math.clz32(ranks[row]!) + 1);
    }
  }

  merge(codes: Int32Array, [partial]: readonly Column[], rows: number): void {
    const { offsets, bytes } = partial as BytesColumn;
    for (let row = 0; row < rows; row++) {
      for (let at = offsets[row]!; at < offsets[row + 1]!; at += 3) this.#raise(codes[row]!, bytes[at]! | (bytes[at + 1]! << 8), bytes[at + 2]!);
    }
  }

  export(groups: Int32Array, rows: number): Column[] {
    const sink = new ByteSink();
    const offsets = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      const registers = this.#groups[groups[row]!]!;
      if (registers instanceof Uint8Array) {
        for (let register = 0; register < REGISTERS; register++) if (registers[register]! > 0) writeRegister(sink, register, registers[register]!);
      } else for (const [register, rank] of registers) writeRegister(sink, register, rank);
      offsets[row + 1] = sink.length;
    }
    return [{ kind: "bytes", offsets, bytes: sink.bytes }];
  }

  finish(group: number): number {
    const registers = this.#groups[group]!;
    let sum = REGISTERS;
    let empty = REGISTERS;
    // Sums of these few powers of 2 are exact in any order.
    const count = (rank: number): void => {
      if (rank === 0) return;
      sum += POWERS[rank]! - 1;
      empty--;
    };
    if (registers instanceof Uint8Array) for (let register = 0; register < REGISTERS; register++) count(registers[register]!);
    else for (const rank of registers.values()) count(rank);
    const estimate = (ALPHA * REGISTERS * REGISTERS) / sum;
    return Math.round(estimate <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : estimate);
  }

  clear(): void {
    this.#groups = [];
    this.#set = 0;
    this.#whole = 0;
  }

  #raise(group: number, register: number, rank: number): void {
    const registers = this.#groups[group]!;
    if (registers instanceof Uint8Array) {
      if (rank > registers[register]!) registers[register] = rank;
      return;
    }
    const old = registers.get(register);
    if (old !== undefined && old >= rank) return;
    if (old === undefined) this.#set++;
    registers.set(register, rank);
    if (registers.size > MOST_IN_MAP) this.#hold(group, registers);
  }

  #hold(group: number, registers: ReadonlyMap<number, number>): void {
    const all = new Uint8Array(REGISTERS);
    for (const [register, rank] of registers) all[register] = rank;
    this.#groups[group] = all;
    this.#set -= registers.size;
    this.#whole++;
  }
}

function writeRegister(sink: ByteSink, register: number, rank: number): void {
  sink.byte(register & 255);
  sink.byte(register >>> 8);
  sink.byte(rank);
}
