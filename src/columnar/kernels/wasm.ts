/**
 * Kernels are the inner loops, compiled from AssemblyScript (assembly/) into one small WebAssembly module.
 * An instance owns a private memory of fixed size, so views of it stay valid; whoever holds it lays it out.
 * Each kernel has a plain twin in TypeScript, its oracle in tests and its stand-in where there is no SIMD.
 */
import { readFileSync } from "node:fs";
import { packageFile } from "../../package-files.js";

/** The exports of assembly/index.ts. Pointers are byte addresses in the instance's memory. */
export interface KernelFunctions {
  indexNewlines(base: number, from: number, to: number, found: number, most: number): number;
  sortRows(places: number, rows: number, order: number, entries: number, scratch: number, counts: number, stack: number): void;
  placeRows(offsets: number, bytes: number, rows: number, places: number): void;
  gatherRows(places: number, order: number, from: number, to: number, offsets: number, out: number, limit: number): number;
  rangeCodes(offsets: number, bytes: number, rows: number, prefixes: number, places: number, table: number, codes: number): void;
  copyKeys(records: number, rows: number, record: number, from: number, size: number, out: number): void;
  scatterRecords(records: number, keys: number, codes: number, row: number, rows: number, record: number, key: number, buffers: number, stride: number, keysAt: number, capacity: number, fills: number): number;
}

export interface Kernels {
  readonly memory: Uint8Array;
  readonly call: KernelFunctions;
}

const PAGE = 65536;
let compiled: WebAssembly.Module | undefined;

/** An instance with `bytes` of memory, rounded up to pages of 64 KiB. */
export function newKernels(bytes: number): Kernels {
  compiled ??= new WebAssembly.Module(readFileSync(packageFile("columnar/kernels/kernels.wasm")));
  const pages = Math.ceil(bytes / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const abort = (): never => {
    throw new Error("A kernel aborted");
  };
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory, abort } });
  return { memory: new Uint8Array(memory.buffer), call: exports as unknown as KernelFunctions };
}
