import type { Turn } from "./cluster-state.js";
import { nextExclusionEnd } from "./exclusion.js";
import { nextOverdueAt } from "./liveness.js";
import { nextBackupAt } from "./speculation.js";

/**
 * Asks for the timer when a deadline lies before the one asked for. Deadlines mostly move away, with every
 * heartbeat: then the timer fires early, finds nothing, and is set anew, at one command per lease time.
 */
export function setTimer({ cluster, commands, at }: Turn): void {
  const next = Math.min(nextOverdueAt(cluster), nextExclusionEnd(cluster), cluster.avoidEnds.first ?? Infinity, nextBackupAt(cluster, at));
  if (next === Infinity || (cluster.timerAt ?? Infinity) <= next) return;
  cluster.timerAt = Math.max(next, at);
  commands.push({ type: "set-timer", at: cluster.timerAt });
}

/** Forgets deadlines that need nothing done but a look at waiting tasks, which every turn takes. */
export function timerFired({ at, cluster }: Turn): void {
  cluster.timerAt = undefined;
  while ((cluster.avoidEnds.first ?? Infinity) <= at) cluster.avoidEnds.shift();
}
