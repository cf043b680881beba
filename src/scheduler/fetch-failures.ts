import type { Failure } from "../model/failure.js";
import { someCanBeRead, type Turn } from "./cluster-state.js";
import { loseOutputsOn, noteCut } from "./cuts.js";
import { failJob } from "./end-job.js";
import { strike } from "./exclusion.js";
import { stageOf, type RunningAttempt } from "./job-state.js";
import { loseOutput } from "./map-outputs.js";
import { avoidNode } from "./placement.js";
import { attemptId } from "../model/ids.js";
import { idOf, troubleOf } from "./trouble.js";

/** A map whose output cannot be fetched from ever new workers points at something that running it again does not cure. */
const MOST_LOSSES = 10;

/**
 * A reduce could not read a map's output. That is not the reduce's fault: the map runs again, on another
 * worker, and the reduce waits for it. Several reduces report the same loss; only the first report of the
 * attempt that is still committed counts. False when the report names nothing that the reduce was given.
 */
export function excuseFetchFailure(turn: Turn, attempt: RunningAttempt, failure: Failure): boolean {
  const { job } = attempt.task.stage;
  const { lostMap } = failure;
  if (lostMap === undefined) return false;
  const map = stageOf(job, "map")?.tasks[lostMap.index];
  const source = attempt.sources[lostMap.index];
  if (map === undefined || source?.attempt !== attemptId(idOf(map), lostMap.attempt)) return false;
  if (map.state.state !== "done" || map.state.number !== lostMap.attempt) return true;

  const { worker } = map.state;
  const reader = attempt.worker.node;
  if (lostMap.unreachable === true) {
    noteCut(turn, reader, worker.node);
    // One that reaches nobody proves nothing against others, while there are others.
    if (reader.cutOff && someCanBeRead(turn.cluster)) return true;
    if (worker.node.cutOff) {
      loseOutputsOn(turn, worker.node);
      return true;
    }
  } else {
    strike(turn, worker.node);
  }
  const trouble = troubleOf(map);
  trouble.outputLosses++;
  avoidNode(turn, map, worker.node);
  loseOutput(map, turn.at, `${idOf(attempt.task)} on ${attempt.worker.id} could not fetch it: ${failure.message}`);
  if (trouble.outputLosses > MOST_LOSSES) {
    failJob(turn, job, {
      ...failure,
      context: `Output of task ${idOf(map)} was lost ${trouble.outputLosses} times (limit ${MOST_LOSSES}); last on worker ${worker.id}, read from worker ${attempt.worker.id}`,
    });
  }
  return true;
}
