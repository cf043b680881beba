/**
 * The job that chaos strikes: a word count with gates, so that a fault meets it in the phase that is meant and not by luck.
 * Some maps wait for the gate `map`, each reduce for `barrier`, some reduces for `reduce`. A gate is open when the
 * file of its name exists.
 *
 *     accepted -> mapping (4 of 6 maps done) -> barrier (reduces begin) -> reducing (some done) -> the commit's fault points
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobProgress } from "../../protocol/messages.js";
import type { LocalRuns } from "../local-run.js";
import type { Random } from "../simulation/random.js";

export const GATES = ["map", "barrier", "reduce"] as const;
export type Gate = (typeof GATES)[number];

/** `gates` are those that must be open to come there. */
export const WORK_PHASES: Readonly<Record<string, { readonly gates: readonly Gate[]; readonly reached: (progress: JobProgress) => boolean }>> = {
  mapping: { gates: [], reached: ({ stages: [map] }) => (map?.done ?? 0) >= 4 },
  barrier: { gates: ["map"], reached: ({ stages: [, reduce] }) => (reduce?.running ?? 0) >= 1 },
  reducing: { gates: ["map", "barrier"], reached: ({ stages: [, reduce] }) => (reduce?.done ?? 0) >= 1 && (reduce?.running ?? 0) >= 1 },
};

export interface ChaosJob {
  readonly job: string;
  readonly options: { readonly input: string; readonly splitSize: number; readonly partitions: number };
  readonly open: (gates: readonly Gate[]) => void;
}

export const SPLITS = 6;
export const PARTITIONS = 4;
const LINES = 1_200;
const WORDS_A_LINE = 12;

export function writeChaosJob(runs: LocalRuns, random: Random): ChaosJob {
  const gates = join(runs.folder, "gates");
  mkdirSync(gates, { recursive: true });
  const lines = Array.from({ length: LINES }, () => Array.from({ length: WORDS_A_LINE }, () => `w${random.between(0, 19_999)}`).join(" "));
  // In the midst of the last two splits.
  for (const [i, split] of [SPLITS - 2, SPLITS - 1].entries()) lines[Math.floor((LINES * (split + 0.5)) / SPLITS)] = `hold-${i}`;
  const content = `${lines.join("\n")}\n`;
  const job = runs.write(
    "chaos.ts",
    `import { existsSync } from "node:fs";
import { defineJob, t, text, tsv } from "millrace";
const nap = new Int32Array(new SharedArrayBuffer(4));
function pass(gate: string): void {
  while (!existsSync(${JSON.stringify(gates)} + "/" + gate)) Atomics.wait(nap, 0, 0, 10);
}
export default defineJob({
  name: "chaos", input: text(), key: t.utf8(), value: t.float64(),
  map(line, emit) {
    if (line.startsWith("hold")) pass("map");
    for (const word of line.split(" ")) emit(word, 1);
  },
  reduce(key, values, emit) {
    pass("barrier");
    if (key.startsWith("hold")) pass("reduce");
    let sum = 0;
    for (const value of values) sum += value;
    emit({ key, sum });
  },
  output: tsv({ key: t.utf8(), sum: t.float64() }),
});
`,
  );
  return {
    job,
    options: { input: runs.write("in.txt", content), splitSize: Math.ceil(content.length / SPLITS), partitions: PARTITIONS },
    open: (names) => {
      for (const name of names) writeFileSync(join(gates, name), "");
    },
  };
}
