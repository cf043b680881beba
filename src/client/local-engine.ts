/**
 * The engine inside one process: a coordinator and one worker, joined by the in-process transport. Its
 * executor is forked before, so that it starts up while the engine is loaded and the job is bundled.
 */
import type { ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { systemClock } from "../clock.js";
import { Coordinator } from "../coordinator/coordinator.js";
import { noMemory } from "../coordinator/memory.js";
import { workerId } from "../model/ids.js";
import type { JobRequest } from "../model/job-request.js";
import { subjectsOf } from "../protocol/subjects.js";
import { makeWorkFolder } from "../storage/work-folder.js";
import { InProcessTransport } from "../transport/in-process.js";
import { ExecutorHost, type AttemptReport, type JobDescription } from "../worker/executor-host.js";
import { Worker } from "../worker/worker.js";
import type { Connection } from "./coordinator-client.js";

const HEARTBEAT = 3_000;
const LEASE = 10_000;

export interface LocalEngineOptions {
  readonly threads: number;
  readonly heap?: number;
  /** Folder under which intermediate data lies; the system's temporary folder by default. */
  readonly workFolder?: string;
  readonly onOutput: (text: string) => void;
  /** The executor's process; the engine ends it. */
  readonly forked: ChildProcess;
}

export class LocalEngine implements Connection {
  readonly transport = new InProcessTransport();
  readonly subjects = subjectsOf("local");
  readonly keepsLog = false;
  readonly place = "this process";
  readonly #options: LocalEngineOptions;
  readonly #executor: ExecutorHost;
  #onReport: (report: AttemptReport) => void = () => {};
  #folder: string | undefined;
  #bundleFile = "";
  #coordinator: Coordinator | undefined;
  #worker: Worker | undefined;

  constructor(options: LocalEngineOptions) {
    this.#options = options;
    const { threads, heap, onOutput, forked } = options;
    this.#executor = new ExecutorHost({ threads, onOutput, forked, onReport: (report) => this.#onReport(report), ...(heap === undefined ? {} : { heap }) });
  }

  describe(bundle: string, bundleFile: string, request: JobRequest): Promise<JobDescription> {
    this.#bundleFile = bundleFile;
    return this.#executor.describe(bundle, bundleFile, request);
  }

  /** Starts coordinator and worker; the executor that describes the job will run it. */
  async start(): Promise<void> {
    const { threads, workFolder = tmpdir(), onOutput } = this.#options;
    const { transport, subjects } = this;
    this.#folder = await makeWorkFolder(workFolder);
    this.#coordinator = new Coordinator({ transport, subjects, clock: systemClock, epoch: 1, memory: noMemory() });
    this.#coordinator.start();
    this.#worker = new Worker({
      id: workerId("local"),
      slots: threads,
      transport,
      subjects,
      host: "local",
      folder: this.#folder,
      bundleFile: () => this.#bundleFile,
      heartbeatEvery: HEARTBEAT,
      leaseMillis: LEASE,
      onOutput,
      publishOutput: false,
      warmExecutor: (onReport) => {
        this.#onReport = onReport;
        return this.#executor;
      },
    });
    await this.#worker.start();
  }

  async close(): Promise<void> {
    await this.#worker?.close();
    await this.#coordinator?.close();
    await this.#executor.close();
    await this.transport.close();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}
