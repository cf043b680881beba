/** Kernel memory for text, one for each thread: who loads text uses it up before the next does. */
import type { ByteSink } from "./byte-sink.js";
import { hasKernels, newKernels, type Kernels } from "./kernels/wasm.js";

/** A chunk of lines fits. */
export const MOST_TEXT = 1 << 20;
/** Kernels read and write behind what they work on. */
const SLACK = 64;

/** Where things lie. Pages that nobody writes to take no memory. */
export const TEXT = 1 << 16;
export const RESULT = TEXT + MOST_TEXT + SLACK;
/** An offset for each byte, and one more; a result of up to 2 bytes for each byte may take their place. */
export const OFFSETS = RESULT + MOST_TEXT + SLACK;
const END = OFFSETS + 4 * (MOST_TEXT + 1);

/** Units of UTF-16, and texts, that `appendTexts` takes: so many that what they become lies before the offsets. */
export const MOST_UNITS = 1 << 18;
export const MOST_TEXTS = 1 << 17;
export const LATE = OFFSETS + 4 * (MOST_TEXTS + 16);

let kernels: Kernels | undefined;

/** Copies the bytes to TEXT, with zeros behind them. Undefined where kernels cannot run, or the text is longer than they take. */
export function loadText(bytes: Uint8Array): Kernels | undefined {
  if (!hasKernels || bytes.length > MOST_TEXT) return undefined;
  kernels ??= newKernels(END);
  kernels.memory.set(bytes, TEXT);
  kernels.memory.fill(0, TEXT + bytes.length, TEXT + bytes.length + SLACK);
  return kernels;
}

/**
 * Appends `count` texts that follow one another in `chain`, of so many units each, as UTF-8; lone surrogates become U+FFFD. Gives where each ends
 * from where the first begins, valid until text is loaded again. Only where kernels can run.
 */
export function appendTexts(chain: string, lengths: Int32Array, count: number, out: ByteSink): Int32Array {
  kernels ??= newKernels(END);
  const { memory, call } = kernels;
  const { buffer } = memory;
  Buffer.from(buffer, TEXT, MOST_TEXT).write(chain, "utf16le");
  const ends = new Int32Array(buffer, OFFSETS, count + 1).fill(0);
  const late = new Int32Array(buffer, LATE, 2 * count);
  for (let i = 0; i < count; i++) {
    late[2 * i] = i;
    late[2 * i + 1] = lengths[i]!;
  }
  call.layKeys(TEXT, OFFSETS, count, TEXT, LATE, count, RESULT);
  out.append(memory.subarray(RESULT, RESULT + ends[count]!));
  return ends.subarray(1);
}
