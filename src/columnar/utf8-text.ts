/**
 * Text from UTF-8, with U+FFFD for what is not valid. Node 20 decodes text that is not ASCII at a third of the speed of text that is: kernels
 * rewrite it, at some GB/s, as Latin-1 where it has no character above U+00FF, as most in languages of Latin script, or else as UTF-16.
 */
import { isUtf8 } from "node:buffer";
import type { Kernels } from "./kernels/wasm.js";
import { loadText, RESULT, TEXT } from "./text-kernel.js";

/**
 * Longer strings lie among V8's large objects (from 128 KiB on), where dead ones gather, up to a thread's young generation and more; those of
 * a million characters lie outside its heap, where it hardly sees them.
 */
export const LONGEST_SMALL_TEXT = 120 << 10;

export function utf8Text(bytes: Buffer, start: number, end: number): string {
  const kernels = loadText(bytes.subarray(start, end));
  return (kernels && loadedText(kernels, bytes.subarray(start, end))) ?? bytes.toString("utf8", start, end);
}

/** The text of bytes that have been loaded, if they are valid. */
export function loadedText({ call, memory }: Kernels, bytes: Uint8Array): string | undefined {
  const characters = call.narrowText(TEXT, bytes.length, RESULT);
  if (characters >= 0) return Buffer.from(memory.buffer, RESULT, characters).toString("latin1");
  return isUtf8(bytes) ? Buffer.from(memory.buffer, RESULT, 2 * call.widenText(TEXT, bytes.length, RESULT)).toString("utf16le") : undefined;
}
