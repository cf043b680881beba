/**
 * Text from UTF-8, with U+FFFD for what is not valid. Node 20 decodes text that is not ASCII at a fifth of the speed of text that is,
 * though most of it in languages of Latin script has no character above U+00FF: a kernel rewrites that as Latin-1, at 5 GB/s.
 */
import { newKernels, hasKernels, type Kernels } from "../columnar/kernels/wasm.js";

/** Longer text is decoded by Node. A chunk of lines fits. */
const MOST_BYTES = 1 << 20;
const SLACK = 64;
const TEXT = 1 << 16;
const LATIN = TEXT + MOST_BYTES + SLACK;

/** The thread's. */
let kernels: Kernels | undefined;

export function utf8Text(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (!hasKernels || length > MOST_BYTES) return bytes.toString("utf8", start, end);
  kernels ??= newKernels(LATIN + MOST_BYTES + SLACK);
  const { memory, call } = kernels;
  memory.set(bytes.subarray(start, end), TEXT);
  memory.fill(0, TEXT + length, TEXT + length + SLACK);
  const characters = call.narrowText(TEXT, length, LATIN);
  return characters < 0 ? bytes.toString("utf8", start, end) : Buffer.from(memory.buffer, LATIN, characters).toString("latin1");
}
