/**
 * Text from UTF-8, with U+FFFD for what is not valid. Node 20 decodes text that is not ASCII at a third of the speed of text that is, though most
 * of it in languages of Latin script has no character above U+00FF: a kernel rewrites that as Latin-1, at some GB/s.
 */
import { loadText, RESULT, TEXT } from "./text-kernel.js";

export function utf8Text(bytes: Buffer, start: number, end: number): string {
  const kernels = loadText(bytes.subarray(start, end));
  const characters = kernels?.call.narrowText(TEXT, end - start, RESULT) ?? -1;
  if (kernels === undefined || characters < 0) return bytes.toString("utf8", start, end);
  return Buffer.from(kernels.memory.buffer, RESULT, characters).toString("latin1");
}
