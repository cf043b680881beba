import type { ThreadKernels } from "../columnar/kernels/thread-kernels.js";
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
  /** What fetches blocks that lie on other machines. */
  readonly blocks: ThreadJob["blocks"];
  /** Memory of kernels, for one user at a time. */
  readonly kernels: ThreadKernels;
  /** The same for what a map writes while `kernels` serve what it reads, and for what a reduce sorts. */
  readonly shuffleKernels: ThreadKernels;
  /** The thread's one key table, empty; for the attempt until it asks again. */
  readonly keyTable: ThreadJob["keyTable"];
  readonly shuffleTypes: ThreadJob["shuffleTypes"];
  /** What the attempt counted so far. */
  counters(): Record<string, number>;
}
