/** Has kernels of cells read one cell a line, without the readers that use them. */
import { newKernels, type KernelFunctions } from "../columnar/kernels/wasm.js";

const CONSTANTS = 1 << 16;
const FOUND = CONSTANTS + 2048;
const TEXT = FOUND + (1 << 16);
const OUT = TEXT + (1 << 18);
const MOST = 4096;
/** Kernels read before the text. */
const BEFORE = 64;
const kernels = newKernels(OUT + 8 * MOST + 64);
kernels.memory.fill(0x39, CONSTANTS);
kernels.call.placeConstants(CONSTANTS);

type Numbers = Float64Array | Int32Array | BigInt64Array;
/** The arguments of all kernels of cells: base, found, rows, width, column, quote. */
type Place = readonly [number, number, number, number, number, number];
/** Calls a kernel with these and what else it takes; returns its result. */
type Run = (call: KernelFunctions, place: Place, constants: number, out: number) => number;

/** The value of each cell; undefined where the kernel stops, to go on behind it. */
export function readCells(cells: readonly string[], values: new (buffer: ArrayBufferLike, at: number, rows: number) => Numbers, run: Run): (number | bigint | undefined)[] {
  const { buffer } = kernels.memory;
  const separators = new Int32Array(buffer, FOUND, cells.length + 1);
  const text = Buffer.from(buffer, TEXT, OUT - TEXT);
  let at = 0;
  separators[0] = BEFORE - 1;
  for (const [i, cell] of cells.entries()) {
    at += text.write(`${cell}\n`, at, "latin1");
    separators[i + 1] = BEFORE + at - 1;
  }
  const read: (number | bigint | undefined)[] = [];
  while (read.length < cells.length) {
    const row = read.length;
    const rows = run(kernels.call, [TEXT - BEFORE, FOUND + 4 + 4 * row, cells.length - row, 1, 0, 34], CONSTANTS, OUT);
    read.push(...new values(buffer, OUT, rows));
    if (read.length < cells.length) read.push(undefined);
  }
  return read;
}
