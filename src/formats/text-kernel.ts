/** Kernel memory for text, one for each thread: who loads text uses it up before the next does. */
import { hasKernels, newKernels, type Kernels } from "../columnar/kernels/wasm.js";

/** A chunk of lines fits. */
const MOST_BYTES = 1 << 20;
/** Kernels read and write behind what they work on. */
const SLACK = 64;

/** Where things lie. Pages that nobody writes to take no memory. */
export const TEXT = 1 << 16;
export const RESULT = TEXT + MOST_BYTES + SLACK;
/** An offset for each byte, and one more; a result of up to 2 bytes for each byte may take their place. */
export const OFFSETS = RESULT + MOST_BYTES + SLACK;
const END = OFFSETS + 4 * (MOST_BYTES + 1);

let kernels: Kernels | undefined;

/** Copies the bytes to TEXT, with zeros behind them. Undefined where kernels cannot run, or the text is longer than they take. */
export function loadText(bytes: Uint8Array): Kernels | undefined {
  if (!hasKernels || bytes.length > MOST_BYTES) return undefined;
  kernels ??= newKernels(END);
  kernels.memory.set(bytes, TEXT);
  kernels.memory.fill(0, TEXT + bytes.length, TEXT + bytes.length + SLACK);
  return kernels;
}
