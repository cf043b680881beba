import { findGenerator } from "./generators/kinds.js";

const encoder = new TextEncoder();

/** A dataset in memory, for tests: the header, if the kind has one, and records up to the one that reaches `bytes`. */
export function generateBytes(kind: string, options: { bytes: number; seed: number }): Uint8Array {
  const generator = findGenerator(kind);
  const writer = generator.open(options.seed);
  const out = new Uint8Array(options.bytes + (generator.header?.length ?? 0) + generator.maxRecordBytes);
  let at = encoder.encodeInto(generator.header ?? "", out).written;
  for (let index = 0; at < options.bytes; index++) at = writer.write(index, out, at);
  return out.slice(0, at);
}
