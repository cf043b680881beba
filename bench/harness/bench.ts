import type { Race } from "./race.js";

/** One claim of the project, as races that show whether it holds. */
export interface Bench {
  readonly id: string;
  readonly claim: string;
  /** What the figures do not show. */
  readonly notClaimed: readonly string[];
  /** Bytes (or tasks, where there is no input) by default and with --full. */
  readonly size: { readonly quick: number; readonly full: number };
  /** Many races: one table and one chart for all of them. */
  readonly summed?: boolean;
  prepare(setting: Setting): Promise<readonly Race[]> | readonly Race[];
}

export interface Setting {
  readonly size: number;
  readonly threads: number;
  /** Of data that is made. */
  readonly seed: number;
  /** Whether a race of this title is asked for. */
  wants(title: string): boolean;
  /** Says what is going on. */
  say(line: string): void;
}
