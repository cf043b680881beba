/**
 * A program is one contestant of a race: a command that does the whole job in its own processes, from start to
 * written output. Programs of one race must give the same answer.
 */
import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Program {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it writes; removed before each run. A folder's files are read in the order of their names. */
  readonly output: string;
  /** Why it does not run here. */
  readonly missing?: string;
  /** What a reader should know of how it runs. */
  readonly note?: string;
  /** Runs at most this often: for peers that take minutes. */
  readonly mostRuns?: number;
  /** Bytes of memory that it was told to keep to. */
  readonly budget?: number;
  /** Its output is a report, to be shown. */
  readonly reports?: boolean;
}

export function clearOutput({ output }: Program): void {
  rmSync(output, { recursive: true, force: true });
}

/** The bytes that a program wrote, its part files one after another. */
export function outputBytes({ output }: Program): Buffer {
  return Buffer.concat(outputFiles(output).map((file) => readFileSync(file)));
}

/** Files of an output; those whose names begin with `_` or `.` are not part of it. */
export function outputFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => !/^[._]/.test(name)).sort();
  return names.flatMap((name) => outputFiles(join(path, name)));
}
