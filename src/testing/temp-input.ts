import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InputFile, Split } from "../model/split.js";

/** A folder of inputs that a test makes and that goes when the test process does. */
export class TempInputs {
  readonly folder = mkdtempSync(join(tmpdir(), "millrace-inputs-"));

  private written = 0;

  constructor() {
    process.once("exit", () => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Each call writes a file of its own, whatever its name. */
  write(name: string, content: Uint8Array | string, compression: InputFile["compression"] = "none"): InputFile {
    const path = join(this.folder, `${this.written++}-${name}`);
    writeFileSync(path, content);
    return this.describe(path, compression);
  }

  describe(path: string, compression: InputFile["compression"] = "none"): InputFile {
    const { size, mtimeNs } = statSync(path, { bigint: true });
    return { path, size: Number(size), mtime: String(mtimeNs), compression };
  }
}

export function wholeSplit(file: InputFile): Split {
  return { file, start: 0, end: file.size };
}

/** Consecutive splits of `size` bytes; one empty split for an empty file. */
export function splitsOf(file: InputFile, size: number): Split[] {
  const splits: Split[] = [];
  for (let start = 0; start === 0 || start < file.size; start += size) splits.push({ file, start, end: Math.min(start + size, file.size) });
  return splits;
}
