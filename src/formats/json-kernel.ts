/**
 * Reads chunks of JSON lines as columns, in kernels: one finds the wanted members of each line, and those of cells read
 * them. What they do not take (a wanted member twice, what is no object or bad) is left to the caller, line by line.
 */
import type { Kernels } from "../columnar/kernels/wasm.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { whyLineByLine } from "../plan/cell-path.js";
import { newCellKernel, type CellKernel, type CellSyntax, type KernelOptions, type RecordFinder } from "./cell-kernel.js";
import { readFloat64, readInteger } from "./cell-numbers.js";
import { cellParser, type ParseCell } from "./cell-values.js";

const QUOTE = 34;
/** Members lie between places, without quotes: there is nothing left to tell apart. */
const SYNTAX: CellSyntax = { delimiter: -1, quote: -1, escape: -1, opening: QUOTE };

/** Takes values that were parsed elsewhere between those that kernels read. */
export interface JsonKernel {
  readonly cells: CellKernel;
  putRow(row: number, values: Readonly<Record<string, unknown>>): void;
}

/** Undefined where lines are not taken as columns, or not by kernels. */
export function openJsonKernel(fields: readonly FieldSpec[] | undefined, options: KernelOptions): JsonKernel | undefined {
  if (fields === undefined || fields.length === 0 || whyLineByLine(fields) !== undefined) return undefined;
  let parsed: unknown;
  const columns = fields.map((field, i) => ({ ...field, position: 2 * i + 1, read: () => parsed, parse: memberParser(field.type) }));
  const cells = newCellKernel(columns, 2 * fields.length + 1, SYNTAX, options, new MemberFinder(fields));
  if (cells === undefined) return undefined;
  return {
    cells,
    putRow(row, values) {
      for (const [i, { name, type }] of fields.entries()) {
        const builder = cells.builders[i]!;
        parsed = values[name];
        if (parsed === null) builder.putNull(row);
        else {
          const bytes = type.kind === "utf8" ? Buffer.from(parsed as string) : NO_BYTES;
          builder.put(row, bytes, 0, bytes.length);
        }
      }
    },
  };
}

/** What values of a type may be in JSON. */
function formsOf({ kind, nullable }: TypeSpec): number {
  const form = kind === "utf8" ? TEXT : kind === "bool" ? BOOLEAN : kind === "timestamp" || kind === "date" ? TEXT | NUMBER : NUMBER;
  return nullable ? form | NULL : form;
}

/** Reads what a kernel does not, of one of those forms; undefined leaves its line to the closer look. */
function memberParser(type: TypeSpec): ParseCell {
  if (type.kind === "timestamp" || type.kind === "date") return timeParser(type);
  if (type.kind === "float64") return readFloat64;
  // 12.0 and 1e3 are integers.
  const fits = type.kind === "int32" ? (value: number): boolean => value === (value | 0) : Number.isSafeInteger;
  const asBigint = type.kind === "int64" && type.as === "bigint";
  return (bytes, start, end) => {
    const value = readFloat64(bytes, start, end);
    if (value === undefined || !fits(value)) return undefined;
    return asBigint ? BigInt(value) : value + 0;
  };
}

/** Numbers are milliseconds since 1970; what the closer look cuts off is left to it. */
function timeParser(type: TypeSpec): ParseCell {
  const parseText = cellParser(type);
  const unit = type.kind === "date" ? DAY : 1;
  return (bytes, start, end) => {
    if (bytes[start - 1] === QUOTE) return parseText(bytes, start, end);
    const millis = readInteger(bytes, start, end);
    return millis !== undefined && Math.abs(millis) <= 8.64e15 ? Math.floor(millis / unit) * unit : undefined;
  };
}

const DAY = 86_400_000;
const NO_BYTES = Buffer.alloc(0);
const TEXT = 1;
const NUMBER = 2;
const NULL = 4;
const BOOLEAN = 8;
/** Of an entry for a wanted member. */
const ENTRY = 12;

class MemberFinder implements RecordFinder {
  /** `{}` and a newline, when all members may be null. */
  readonly least = 3;
  readonly #fields: readonly FieldSpec[];
  readonly #names: readonly Buffer[];
  #kernels: Kernels | undefined;
  #wanted = 0;
  /** Where texts with escapes are put right. */
  #scratch = 0;

  constructor(fields: readonly FieldSpec[]) {
    this.#fields = fields;
    this.#names = fields.map(({ name }) => Buffer.from(name));
  }

  bytes(size: number): number {
    return this.#names.reduce((sum, name) => sum + ENTRY + name.length, size + 64);
  }

  place(kernels: Kernels, address: number): void {
    this.#kernels = kernels;
    this.#wanted = address;
    const entries = new Int32Array(kernels.memory.buffer, address, 3 * this.#fields.length);
    let at = address + ENTRY * this.#fields.length;
    for (const [i, { type }] of this.#fields.entries()) {
      const name = this.#names[i]!;
      kernels.memory.set(name, at);
      entries.set([at, name.length, formsOf(type)], 3 * i);
      at += name.length;
    }
    this.#scratch = at;
  }

  find(base: number, from: number, to: number, found: number, most: number): number {
    return this.#kernels!.call.findMembers(base, from, to, this.#wanted, this.#fields.length, this.#scratch, found, most);
  }
}
