import { readFileSync, readdirSync } from "node:fs";

const PAGE_BYTES = 4096;
const TICKS_A_SECOND = 100;

/** Processor time of the children of this process that have ended, and of theirs; undefined where there is no /proc. */
export function childrenSeconds(): number | undefined {
  // Behind the name of the program, which may hold spaces: fields 3 and on; 16 and 17 are cutime and cstime.
  const fields = read("/proc/self/stat").split(") ")[1]?.split(" ");
  return fields === undefined ? undefined : (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND;
}

/** A process and its descendants, watched through /proc; where there is none, memory is not measured. */
export class ProcessTree {
  peakBytes = 0;
  readonly #root: number;

  constructor(root: number) {
    this.#root = root;
  }

  sample(): void {
    this.peakBytes = Math.max(this.peakBytes, residentBytes(this.#root));
  }
}

function residentBytes(pid: number): number {
  return Number(read(`/proc/${pid}/statm`).split(" ")[1] ?? 0) * PAGE_BYTES + childrenOf(pid).reduce((sum, child) => sum + residentBytes(child), 0);
}

/** Each thread has children of its own. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

/** Empty when the process is gone. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
