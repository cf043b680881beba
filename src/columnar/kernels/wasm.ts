/**
 * Kernels are the inner loops, compiled from AssemblyScript (assembly/) into one small WebAssembly module.
 * An instance owns a private memory, of fixed size unless its holder asked for one that grows; whoever holds it lays it out.
 * Each kernel has a plain twin in TypeScript, its oracle in tests and its stand-in where there is no SIMD.
 */
import { readFileSync } from "node:fs";
import { packageFile } from "../../package-files.js";

/** The exports of assembly/index.ts. Pointers are byte addresses in the instance's memory. */
export interface KernelFunctions {
  mixStripes(at: number, end: number, lanes: number): void;
  sortRows(places: number, rows: number, order: number, entries: number, scratch: number, counts: number, stack: number): void;
  placeRows(offsets: number, bytes: number, rows: number, places: number): void;
  placeParts(offsets: number, bytes: number, rows: number, from: number, to: number, places: number): void;
  gatherRows(places: number, order: number, from: number, to: number, offsets: number, out: number, limit: number): number;
  rangeCodes(offsets: number, bytes: number, rows: number, prefixes: number, places: number, table: number, codes: number): void;
  copyKeys(records: number, rows: number, record: number, from: number, size: number, out: number): void;
  scatterRecords(records: number, codes: number, row: number, rows: number, record: number, buffers: number, stride: number, capacity: number, fills: number): number;
  hashCodes(offsets: number, bytes: number, rows: number, spread: number, scale: number, codes: number): void;
  countRows(codes: number, rows: number, counts: number): void;
  countBytes(codes: number, offsets: number, rows: number, sums: number): void;
  claimSlots(codes: number, rows: number, stride: number, fills: number, slots: number): void;
  scatterCells(places: number, slots: number, rows: number, cells: number, buffers: number): void;
  scatterTexts(places: number, slots: number, rows: number, offsets: number, bytes: number, ends: number, texts: number): void;
  isZero(at: number, size: number): number;
  placeTexts(offsets: number, bytes: number, rows: number, special: number, skipsEmpty: number, cells: number, skipped: number): number;
  printFloats(values: number, rows: number, isInt32: number, out: number, cells: number, skipped: number): number;
  printIntegers(values: number, rows: number, out: number, cells: number): void;
  joinRows(cells: number, rows: number, columns: number, stride: number, delimiter: number, out: number): number;
  scanCsv(from: number, to: number, delimiter: number, quote: number, state: number): number;
  lastRecordEnd(): number;
  indexRecords(base: number, from: number, to: number, delimiter: number, quote: number, width: number, found: number, most: number): number;
  placeConstants(constants: number): void;
  readFloats(base: number, found: number, rows: number, width: number, column: number, quote: number, constants: number, out: number): number;
  readIntegers(base: number, found: number, rows: number, width: number, column: number, quote: number, constants: number, out: number, kind: number): number;
  readTimes(base: number, found: number, rows: number, width: number, column: number, quote: number, out: number, clock: boolean): number;
  readBooleans(base: number, found: number, rows: number, width: number, column: number, quote: number, out: number): number;
  findMembers(base: number, from: number, to: number, wanted: number, count: number, scratch: number, found: number, most: number): number;
  copyTexts(base: number, found: number, rows: number, width: number, column: number, quote: number, escape: number, offsets: number, bytes: number): number;
  encodeTexts(base: number, found: number, rows: number, width: number, column: number, quote: number, escape: number, scratch: number, codes: number): number;
  encodeStructs(parts: number, count: number, row: number, rows: number, scratch: number, codes: number): number;
  copyStructs(parts: number, count: number, rows: number, offsets: number, bytes: number): void;
  takeMembers(bytes: number, offsets: number, rows: number, parts: number, count: number): number;
  addNumbers(codes: number, values: number, narrow: boolean, rows: number, stride: number, counts: number, sums: number, extremes: number): number;
  addIntegers(codes: number, values: number, safe: boolean, rows: number, stride: number, counts: number, sums: number, extremes: number): number;
  presentRows(codes: number, values: number, wide: boolean, nulls: number, rows: number, outCodes: number, outValues: number): number;
  addCounts(codes: number, values: number, rows: number, stride: number, cells: number): void;
  addOnes(codes: number, rows: number, stride: number, cells: number): void;
  takeCells(codes: number, rows: number, stride: number, cells: number, out: number): void;
  placeTable(index: number, capacity: number, entries: number, entryBytes: number, keepsRecords: boolean, keys: number, mostKeys: number, offsets: number, arena: number, arenaBytes: number, seedHigh: number, seedLow: number): void;
  tableSize(): number;
  encodeKeys(bytes: number, offsets: number, rows: number, codes: number): number;
  addHits(codes: number, times: number, rows: number): void;
  readHits(from: number, count: number, out: number): void;
  markWords(text: number, length: number, mask: number, wordChars: number, lowercase: number): number;
  countWords(text: number, mask: number, from: number, length: number): number;
  copyWords(text: number, mask: number, length: number, out: number, offsets: number): number;
  findForeign(text: number, from: number, length: number, lowercase: number): number;
  layKeys(text: number, starts: number, rows: number, units: number, late: number, count: number, out: number): void;
  narrowText(text: number, length: number, out: number): number;
  widenText(text: number, length: number, out: number): number;
  countUnits(text: number, offsets: number, rows: number): void;
  copyLines(text: number, length: number, out: number, offsets: number): number;
}

/** What `gatherRows` may write over behind its limit. */
export const GATHER_SLACK = 272;

export interface Kernels {
  /** Valid until `grow`. */
  readonly memory: Uint8Array;
  readonly call: KernelFunctions;
  /** Makes the memory at least `bytes` long, if it was made to grow so far. */
  grow(bytes: number): void;
}

/** Whether kernels can run here; not where Node runs without a compiler (--jitless), say. Then their plain twins do all the work. */
export const hasKernels = typeof WebAssembly === "object";

const PAGE = 65536;
let compiled: WebAssembly.Module | undefined;

/** An instance with `bytes` of memory, which may grow up to `most`; both are rounded up to pages of 64 KiB. */
export function newKernels(bytes: number, most: number = bytes): Kernels {
  compiled ??= new WebAssembly.Module(readFileSync(packageFile("columnar/kernels/kernels.wasm")));
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE), maximum: Math.ceil(most / PAGE) });
  const abort = (): never => {
    throw new Error("A kernel aborted");
  };
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory, abort } });
  let view = new Uint8Array(memory.buffer);
  return {
    get memory() {
      return view;
    },
    call: exports as KernelFunctions,
    grow(needed) {
      if (needed <= view.length) return;
      memory.grow(Math.ceil((needed - view.length) / PAGE));
      view = new Uint8Array(memory.buffer);
    },
  };
}
