import type { AttemptStats } from "../model/task.js";
import type { Turn } from "./cluster-state.js";
import { failJob } from "./end-job.js";
import { isComplete, type Task } from "./job-state.js";

/**
 * Adds a committed map attempt to the job's totals of records. False when that ends the job: a count is
 * exceeded for good as soon as it is exceeded, a share can be judged only when every record was read.
 */
export function countRecords(turn: Turn, task: Task, stats: AttemptStats, former: AttemptStats | undefined): boolean {
  const { job, kind } = task.stage;
  if (kind !== "map") return true;
  job.badRecords += stats.badRecords - (former?.badRecords ?? 0);
  job.recordsRead += stats.records - (former?.records ?? 0);
  const { limit } = job.plan.badRecords;
  if (limit === undefined) return true;
  const tooMany = "count" in limit ? job.badRecords > limit.count : isComplete(task.stage) && job.badRecords > limit.share * job.recordsRead;
  if (!tooMany) return true;
  const allowed = "count" in limit ? `${limit.count}` : `${+(limit.share * 100).toPrecision(12)}% of ${job.recordsRead} records`;
  failJob(turn, job, { kind: "too-many-bad-records", message: `${job.badRecords} bad records were skipped, but the job allows ${allowed}` });
  return false;
}
