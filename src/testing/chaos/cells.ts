/**
 * The matrix: a cell is a kind of fault at a phase of a job. Strikes come from outside, at a phase; planned faults come
 * from inside a process, at a named point (faults.ts).
 */
import { STRIKES } from "./strikes.js";

export type Cell =
  | { readonly type: "strike"; readonly name: string; readonly kind: string; readonly phase: string }
  | { readonly type: "planned"; readonly name: string; readonly kind: string; readonly phase: string; readonly fault: (hit: number) => string; readonly hits: number; readonly away: boolean; readonly apart: boolean }
  | { readonly type: "full-disk"; readonly name: string; readonly kind: string; readonly phase: string };

/** `accepted`, where the gates of chaos-job.ts hold the job, and the fault points of the commit. */
export const PHASES = ["accepted", "mapping", "barrier", "reducing", "job.commit", "commit.before-rename", "commit.after-rename"] as const;

/** Fault points, with the last hit that surely comes and where they are: in the worker itself, or in its executor. */
const POINTS = [
  { point: "task.received", hits: 2, inside: "worker" },
  { point: "map.record", hits: 150, inside: "executor" },
  { point: "map.before-report", hits: 2, inside: "worker" },
  { point: "map.after-report", hits: 2, inside: "worker" },
  { point: "shuffle.serve", hits: 5_000, inside: "worker" },
  { point: "reduce.key", hits: 1_000, inside: "executor" },
  { point: "reduce.before-report", hits: 1, inside: "worker" },
  { point: "reduce.after-report", hits: 1, inside: "worker" },
] as const;

/** Actions of faults.ts, by where the point is. */
const ACTIONS = [
  { kind: "worker dies", worker: "kill", executor: "kill-parent" },
  { kind: "worker freezes, wakes up", worker: "stop", executor: "stop-parent" },
  { kind: "worker exits", worker: "exit", executor: undefined },
  { kind: "executor dies", worker: undefined, executor: "kill" },
  { kind: "stalls for 3 s", worker: "delay:3000", executor: "delay:3000" },
] as const;

export function allCells(): Cell[] {
  const strikes = Object.keys(STRIKES).flatMap((kind) => PHASES.map((phase): Cell => ({ type: "strike", name: `${kind} @ ${phase}`, kind, phase })));
  const planned = ACTIONS.flatMap(({ kind, ...actions }) =>
    POINTS.flatMap(({ point, hits, inside }): Cell[] => {
      const action = actions[inside];
      if (action === undefined) return [];
      return [{ type: "planned", name: `${kind} @ ${point}`, kind, phase: point, fault: (hit) => `${point}:${hit}:${action}`, hits, away: action.startsWith("stop"), apart: point === "shuffle.serve" }];
    }),
  );
  return [...strikes, ...planned, { type: "full-disk", name: "disk full on one worker @ map output", kind: "disk full on one worker", phase: "map output" }];
}
