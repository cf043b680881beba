/**
 * Text from UTF-8, with U+FFFD for what is not valid. Node 20 decodes text that is not ASCII at a third of the speed of text that is: kernels
 * rewrite it, at some GB/s, as Latin-1 where it has no character above U+00FF, as most in languages of Latin script, or else as UTF-16.
 */
import { isUtf8 } from "node:buffer";
import { loadText, RESULT, TEXT } from "./text-kernel.js";

export function utf8Text(bytes: Buffer, start: number, end: number): string {
  const kernels = loadText(bytes.subarray(start, end));
  if (kernels === undefined) return bytes.toString("utf8", start, end);
  const { call, memory } = kernels;
  const characters = call.narrowText(TEXT, end - start, RESULT);
  if (characters >= 0) return Buffer.from(memory.buffer, RESULT, characters).toString("latin1");
  if (!isUtf8(bytes.subarray(start, end))) return bytes.toString("utf8", start, end);
  return Buffer.from(memory.buffer, RESULT, 2 * call.widenText(TEXT, end - start, RESULT)).toString("utf16le");
}
