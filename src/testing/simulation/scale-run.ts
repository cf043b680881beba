import { nodeId, workerId, type WorkerId } from "../../model/ids.js";
import type { SchedulerCommand } from "../../scheduler/commands.js";
import type { SchedulerEvent } from "../../scheduler/events.js";
import { Scheduler } from "../../scheduler/scheduler.js";
import { Random } from "./random.js";
import { planOf } from "./scenario.js";
import { resultOf } from "./virtual-output.js";
import { VirtualTime } from "./virtual-time.js";

export interface ScaleRun {
  readonly events: number;
  readonly launches: number;
  readonly outcome: string;
  /** Virtual milliseconds from submission to the end. */
  readonly makespan: number;
  /** All work of all attempts that were kept, spread over all slots without a gap. */
  readonly ideal: number;
  /** Tasks committed, by stage. */
  readonly committed: number;
}

const HEARTBEAT_MILLIS = 3_000;
const STATS = { records: 1, bytesRead: 1, badRecords: 0, counters: {}, millis: 10_000, spills: 0 };

export interface ScaleOptions {
  /** Sees every event before the scheduler does. */
  readonly onEvent?: (event: SchedulerEvent) => void;
  /** Milliseconds between reports of an attempt's progress. Default: there are none. */
  readonly progressEvery?: number;
  /** The job stops short of its commit. */
  readonly uncommitted?: boolean;
}

/**
 * One large job on many one-slot workers: tasks of 5 to 15 seconds, heartbeats and leases on, one worker in
 * a hundred dead half-way. Measures the scheduler, so messages are never lost.
 */
export function runScale(workers: number, tasks: number, { onEvent = () => {}, progressEvery = Infinity, uncommitted = false }: ScaleOptions = {}): ScaleRun {
  const time = new VirtualTime();
  const random = new Random(1);
  const scheduler = new Scheduler();
  const dead = new Set<WorkerId>();
  const reduces = Math.max(1, Math.floor(tasks / 100));
  const plan = planOf({ name: "scale", maps: tasks - reduces, reduces });
  const run = { events: 0, launches: 0, outcome: "running", makespan: 0, ideal: 0, committed: 0 };

  const handle = (event: SchedulerEvent) => {
    run.events++;
    onEvent(event);
    for (const command of scheduler.handle(event)) carryOut(command);
  };
  const carryOut = (command: SchedulerCommand) => {
    switch (command.type) {
      case "launch-attempt": {
        run.launches++;
        const { attempt, worker } = command;
        const millis = random.between(5_000, 15_000);
        for (let at = progressEvery; at < millis; at += progressEvery) {
          time.after(at, () => dead.has(worker) || handle({ type: "attempt-progressed", at: time.now, attempt, worker, progress: { records: at, bytes: at, steps: 0 } }));
        }
        time.after(millis, () => {
          if (dead.has(worker)) return;
          run.ideal += millis / workers;
          handle({ type: "attempt-finished", at: time.now, attempt, worker, result: resultOf(attempt, [], false), stats: STATS });
        });
        return;
      }
      case "set-timer":
        time.after(command.at - time.now, () => handle(scheduler.timerFired(time.now)));
        return;
      case "commit-job":
        run.committed = command.committed.length;
        if (uncommitted) run.outcome = "committing";
        else handle({ type: "job-committed", at: time.now, job: command.job });
        return;
      case "finish-job":
        run.outcome = command.outcome.type;
        run.makespan = time.now;
        return;
      case "cancel-attempt":
      case "resolve-stage-inputs":
        return;
    }
  };

  handle({ type: "job-submitted", at: 0, plan, priority: 0, limits: { attempts: 4, deaths: 3, taskTimeout: 600_000 } });
  const expected = (tasks / workers) * 10_000;
  for (let index = 0; index < workers; index++) {
    const worker = workerId(`w${index}`);
    handle({ type: "worker-joined", at: 0, worker, node: nodeId(worker), slots: 1 });
    const beat = () => {
      if (dead.has(worker) || run.outcome !== "running") return;
      handle({ type: "worker-heartbeat", at: time.now, worker });
      time.after(HEARTBEAT_MILLIS, beat);
    };
    time.after(random.between(0, HEARTBEAT_MILLIS), beat);
    if (index % 100 === 99) time.after(expected / 2, () => dead.add(worker));
  }
  while (run.outcome === "running" && time.step());
  return run;
}
