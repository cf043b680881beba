import type { TaskContext } from "../job/context.js";
import type { AttemptOrder } from "../protocol/executor-messages.js";
import type { AttemptMonitor } from "./attempt-monitor.js";
import type { SideRows } from "./derive-columns.js";
import type { DescribedJob } from "./describe-job.js";
import type { ThreadJob } from "./thread-job.js";

/** All that the code of one attempt works with. */
export interface AttemptScope {
  readonly job: DescribedJob;
  readonly order: AttemptOrder;
  readonly monitor: AttemptMonitor;
  readonly context: TaskContext<unknown, Record<string, never>>;
  readonly sides: SideRows;
  /** What the thread keeps from one attempt to the next. */
  readonly thread: ThreadJob;
  /** What the attempt counted so far. */
  counters(): Record<string, number>;
}
