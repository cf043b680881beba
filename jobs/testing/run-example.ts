import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runLocal, type LocalOptions } from "millrace";
import type { Example } from "./examples.js";

/** Runs an example and gives its part files. */
export async function runExample(example: Example, options: Partial<LocalOptions> = {}): Promise<Buffer[]> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-example-"));
  try {
    const output = join(folder, "out");
    const { parts } = await runLocal(`jobs/${example.job}.ts`, { input: example.input, params: example.params ?? {}, output, ...options }).result;
    return parts.map((part) => readFileSync(join(output, part.file)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
