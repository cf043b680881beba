import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { InputFile } from "../model/split.js";

export async function listInputs(paths: readonly string[], { cwd }: { cwd: string }): Promise<InputFile[]> {
  return paths.map((path) => {
    const file = resolve(cwd, path);
    const stat = statSync(file, { bigint: true });
    return { path: file, size: Number(stat.size), mtime: String(stat.mtimeNs), compression: path.endsWith(".gz") ? "gzip" : "none" };
  });
}
export async function verifyInputs(_files: readonly InputFile[]): Promise<void> {}
