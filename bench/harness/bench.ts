import type { Race } from "./race.js";

/** One claim of the project, as races that show whether it holds. */
export interface Bench {
  readonly id: string;
  readonly claim: string;
  /** What the figures do not show. */
  readonly notClaimed: readonly string[];
  /** Bytes (or tasks, where there is no input) by default and with --full. */
  readonly size: { readonly quick: number; readonly full: number };
  prepare(setting: Setting): Promise<readonly Race[]> | readonly Race[];
}

export interface Setting {
  readonly size: number;
  readonly threads: number;
  /** Says what is going on. */
  say(line: string): void;
}
