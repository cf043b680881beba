/**
 * Reports are matched to what runs now, by attempt and worker. Messages are lost, repeated
 * and overtake each other, and workers come back from the dead; a report that matches nothing is stale and
 * changes nothing. Its worker is told to forget the attempt, unless the attempt is the one that counts.
 */
import { parseAttemptId, type AttemptAddress, type AttemptId, type WorkerId } from "../model/ids.js";
import type { Progress } from "../model/task.js";
import type { ClusterState, Turn } from "./cluster-state.js";
import { stageOf, type RunningAttempt, type Task } from "./job-state.js";

export function findRunning(cluster: ClusterState, id: AttemptId, worker: WorkerId): RunningAttempt | undefined {
  // A look at the few attempts of one worker costs less than taking the id apart.
  return cluster.workers.get(worker)?.running.find((attempt) => attempt.id === id);
}

export function answerStale({ cluster, commands }: Turn, id: AttemptId, worker: WorkerId): void {
  const address = parseAttemptId(id);
  const { attempt: number } = address;
  const task = findTask(cluster, address);
  // A repeated report of the attempt that counts: its files are needed.
  if (task?.state.state === "done" && task.state.number === number) return;
  if (task?.trouble?.former?.number === number) return;
  commands.push({ type: "cancel-attempt", attempt: id, worker, reason: "it does not run there any more" });
}

/** Only a rise is a sign of life: an old report may come late. */
export function attemptProgressed(turn: Turn, attempt: RunningAttempt, { records, bytes, steps }: Progress): void {
  if (records <= attempt.records && bytes <= attempt.bytes && steps <= attempt.steps) return;
  const { stage } = attempt.task;
  stage.records += Math.max(0, records - attempt.records);
  stage.bytes += Math.max(0, bytes - attempt.bytes);
  attempt.records = Math.max(records, attempt.records);
  attempt.bytes = Math.max(bytes, attempt.bytes);
  attempt.steps = Math.max(steps, attempt.steps);
  attempt.progressAt = turn.at;
  if (attempt.placeByProgress !== undefined) stage.job.byProgress.touch(attempt.placeByProgress);
}

function findTask(cluster: ClusterState, { job, stage, index }: AttemptAddress): Task | undefined {
  const found = cluster.jobs.get(job);
  return found === undefined ? undefined : stageOf(found, stage)?.tasks[index];
}
