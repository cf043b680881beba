/** How a run comes to a phase of its job: by gates of the job itself, and by a coordinator that freezes at a point of the commit. */
import type { JobProgress } from "../../protocol/messages.js";
import type { MemberOptions } from "../cluster-member.js";
import type { TestCluster } from "../cluster.js";
import { GATES, WORK_PHASES, type ChaosJob } from "./chaos-job.js";
import { isFrozen, type Scene } from "./scene.js";

export type Submitted = ReturnType<TestCluster["submit"]>;

/** How to start the coordinator for this phase. */
export function stopAt(phase: string): MemberOptions {
  return isOfCommit(phase) ? { fault: `${phase}:stop` } : {};
}

/** Resolves when the job is there; then it waits. */
export async function reachPhase(name: string, { cluster, coordinator }: Scene, chaos: ChaosJob, submitted: Submitted): Promise<void> {
  const phase = WORK_PHASES[name];
  if (phase !== undefined) {
    chaos.open(phase.gates);
    let latest: JobProgress | undefined;
    submitted.onProgress((progress) => (latest = progress));
    await cluster.until(`the job is ${name}`, () => latest, (progress) => progress !== undefined && phase.reached(progress));
  } else if (isOfCommit(name)) {
    chaos.open(GATES);
    await cluster.until("the coordinator commits", () => isFrozen(coordinator.pid), Boolean);
  } else {
    await submitted.accepted;
  }
}

function isOfCommit(phase: string): boolean {
  return phase.includes("commit");
}
