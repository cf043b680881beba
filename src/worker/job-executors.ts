import type { JobId, WorkerId } from "../model/ids.js";
import type { Subjects } from "../protocol/subjects.js";
import type { Transport } from "../transport/transport.js";
import { ExecutorHost, type AttemptReport } from "./executor-host.js";
import { JobOutputStream } from "./job-output.js";

export interface JobExecutorsOptions {
  readonly worker: WorkerId;
  readonly threads: number;
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly onReport: (report: AttemptReport) => void;
  /** Gets all that executors print. */
  readonly onOutput: (text: string) => void;
  /** Whether what executors print goes to the coordinator as well. */
  readonly publishOutput: boolean;
  /** Environment of user code. Default: this process's. */
  readonly environment?: Readonly<Record<string, string>>;
  /** An executor that is running already, for the first job. */
  readonly warmExecutor?: (onReport: (report: AttemptReport) => void) => ExecutorHost;
}

interface JobExecutor {
  readonly host: ExecutorHost;
  readonly output: JobOutputStream | undefined;
  readonly print: (text: string) => void;
}

/** The executors of a worker: one for each job that it has run tasks of and not been told to forget. */
export class JobExecutors {
  readonly #options: JobExecutorsOptions;
  readonly #executors = new Map<JobId, JobExecutor>();
  #hadJob = false;

  constructor(options: JobExecutorsOptions) {
    this.#options = options;
  }

  jobs(): Iterable<JobId> {
    return this.#executors.keys();
  }

  get(job: JobId): ExecutorHost | undefined {
    return this.#executors.get(job)?.host;
  }

  /** The executor of a job; made when there is none. */
  of(job: JobId): ExecutorHost {
    return this.#of(job).host;
  }

  /** Says something among what the job's tasks print. */
  print(job: JobId, text: string): void {
    this.#of(job).print(text);
  }

  /** Ends the executor of one job, or all of them. */
  async close(job?: JobId): Promise<void> {
    const closing = [...this.#executors].filter(([each]) => job === undefined || each === job);
    await Promise.all(
      closing.map(async ([each, { host, output }]) => {
        this.#executors.delete(each);
        await host.close();
        output?.flush();
      }),
    );
  }

  #of(job: JobId): JobExecutor {
    const known = this.#executors.get(job) ?? this.#open(job);
    this.#executors.set(job, known);
    return known;
  }

  #open(job: JobId): JobExecutor {
    const { worker, threads, transport, subjects, onReport, onOutput, publishOutput, environment, warmExecutor } = this.#options;
    const warm = this.#hadJob ? undefined : warmExecutor?.(onReport);
    this.#hadJob = true;
    if (warm !== undefined) return { host: warm, output: undefined, print: onOutput };
    const output = publishOutput ? new JobOutputStream({ transport, subjects, worker, job }) : undefined;
    const print = (text: string): void => {
      onOutput(text);
      output?.write(text);
    };
    return { host: new ExecutorHost({ threads, onOutput: print, onReport, ...(environment === undefined ? {} : { environment }) }), output, print };
  }
}
