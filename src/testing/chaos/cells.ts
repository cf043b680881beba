/**
 * The matrix: a cell is a kind of fault at a phase of a job. Strikes come from outside, at a phase; planned faults come
 * from inside a process, at a named point (faults.ts); and a worker's disk may be bad from the start.
 */
import type { Strike } from "./strike.js";
import { STRIKES_ON_BLOCKS } from "./strikes-on-blocks.js";
import { STRIKES_ON_CALLS } from "./strikes-on-calls.js";
import { STRIKES_ON_NATS_CLUSTER } from "./strikes-on-nats-cluster.js";
import { STRIKES_ON_PROCESSES } from "./strikes-on-processes.js";
import { LONG_STRIKES_ON_WAYS, STRIKES_ON_WAYS } from "./strikes-on-ways.js";

/** What a cell needs of the machine; where it is not to be had the cell is skipped. */
export type Need = "network" | "nats-cluster" | "strace" | "root";

interface Named {
  readonly name: string;
  readonly kind: string;
  readonly phase: string;
}

export type Cell =
  | (Named & { readonly type: "strike"; readonly strike: Strike; readonly needs?: Need })
  | (Named & { readonly type: "planned"; readonly fault: (hit: number) => string; readonly hits: number; readonly away: boolean; readonly apart: boolean })
  | (Named & { readonly type: "full-disk" });

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

/** Cells of calls in a phase when the last of them may be over, or, of parts, when nobody knows their names. */
const AFTER_THE_CALL = [
  "EIO from rename on one worker @ mapping",
  "EIO from rename on one worker @ barrier",
  "EIO from writing map outputs on one worker @ mapping",
  "EIO from writing map outputs on one worker @ barrier",
  "EIO from writing parts on one worker @ before the job",
  "EIO from reading on one worker @ barrier",
];

export function allCells(): Cell[] {
  const planned = ACTIONS.flatMap(({ kind, ...actions }) =>
    POINTS.flatMap(({ point, hits, inside }): Cell[] => {
      const action = actions[inside];
      if (action === undefined) return [];
      return [{ type: "planned", name: `${kind} @ ${point}`, kind, phase: point, fault: (hit) => `${point}:${hit}:${action}`, hits, away: action.startsWith("stop"), apart: point === "shuffle.serve" }];
    }),
  );
  return [
    ...strikes(STRIKES_ON_PROCESSES, PHASES),
    // Before the first map there are none.
    ...strikes(STRIKES_ON_BLOCKS, PHASES.filter((phase) => phase !== "accepted")),
    ...strikes(STRIKES_ON_WAYS, PHASES, "network"),
    ...strikes(LONG_STRIKES_ON_WAYS, ["mapping", "reducing"], "network"),
    ...strikes(STRIKES_ON_NATS_CLUSTER, PHASES, "nats-cluster"),
    ...strikes(STRIKES_ON_CALLS, ["before the job", "mapping", "barrier"], "strace").filter(({ name }) => !AFTER_THE_CALL.includes(name)),
    ...planned,
    { type: "full-disk", name: "disk full on one worker @ map output", kind: "disk full on one worker", phase: "map output" },
  ];
}

function strikes(kinds: Readonly<Record<string, Strike>>, phases: readonly string[], needs?: Need): Cell[] {
  return Object.entries(kinds).flatMap(([kind, strike]) => phases.map((phase): Cell => ({ type: "strike", name: `${kind} @ ${phase}`, kind, phase, strike, ...(needs === undefined ? {} : { needs }) })));
}
