import { parseAttemptId, type AttemptId, type JobId, type WorkerId } from "../../model/ids.js";

/** Which attempts must be running by the commands and events so far, kept apart from the scheduler's own books. */
export class AttemptBook {
  readonly #workerOf = new Map<AttemptId, WorkerId>();
  readonly #draining = new Set<WorkerId>();

  /** What is wrong with the launch; undefined for a proper one. */
  launched(attempt: AttemptId, worker: WorkerId): string | undefined {
    const { task } = parseAttemptId(attempt);
    const twins = [...this.#workerOf].filter(([other]) => parseAttemptId(other).task === task);
    this.#workerOf.set(attempt, worker);
    if (this.#draining.has(worker)) return `${attempt} was launched on ${worker}, which is draining`;
    if (twins.length > 1) return `${attempt} was launched while ${twins.length} attempts run`;
    return twins.some(([, other]) => other === worker) ? `${attempt} was launched beside another attempt of its task on ${worker}` : undefined;
  }

  ended(attempt: AttemptId, worker: WorkerId): void {
    if (this.#workerOf.get(attempt) === worker) this.#workerOf.delete(attempt);
  }

  draining(worker: WorkerId): void {
    this.#draining.add(worker);
  }

  lost(workers: ReadonlySet<WorkerId>): void {
    for (const [attempt, worker] of this.#workerOf) if (workers.has(worker)) this.#workerOf.delete(attempt);
    for (const worker of workers) this.#draining.delete(worker);
  }

  /** Attempts that were launched and neither ended nor cancelled. */
  runningOf(job: JobId): AttemptId[] {
    return [...this.#workerOf.keys()].filter((attempt) => parseAttemptId(attempt).job === job);
  }
}
