/**
 * A cluster inside the test's process: real coordinators with a state folder, real workers with executors, and
 * a client, joined by the in-process transport. A test watches a coordinator's messages, stops it dead at one of them,
 * and starts another.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "../cache-folder.js";
import { systemClock } from "../clock.js";
import { submitJob } from "../client/submit-job.js";
import { jobRequest, jobSizes } from "../client/job-options.js";
import type { Coordinator } from "../coordinator/coordinator.js";
import { openCoordinator, type OpenCoordinatorOptions } from "../coordinator/open-coordinator.js";
import { bundleJob } from "../job/bundle.js";
import { jobId, workerId, type JobId } from "../model/ids.js";
import type { SubmitJob } from "../protocol/messages.js";
import { subjectsOf } from "../protocol/subjects.js";
import { InProcessTransport } from "../transport/in-process.js";
import { VERSION } from "../version.js";
import { ExecutorHost } from "../worker/executor-host.js";
import { Worker } from "../worker/worker.js";
import { TappedTransport, type Passing } from "./tapped-transport.js";

export class ClusterInProcess {
  readonly transport = new InProcessTransport();
  readonly subjects = subjectsOf("test");
  readonly folder: string;
  readonly stateDir: string;
  readonly #coordinators: Coordinator[] = [];
  readonly #workers: Worker[] = [];
  #bundleFile = "";

  constructor(parent: string) {
    this.folder = mkdtempSync(join(parent, "cluster-"));
    this.stateDir = join(this.folder, "state");
  }

  /** With the cluster's state folder, unless it is to be `stateless`. */
  async startCoordinator(tap: (passing: Passing) => boolean = () => true, { stateless = false, ...options }: Partial<OpenCoordinatorOptions> & { readonly stateless?: boolean } = {}): Promise<Coordinator> {
    const coordinator = await openCoordinator({
      transport: new TappedTransport(this.transport, tap),
      subjects: this.subjects,
      clock: systemClock,
      ...(stateless ? {} : { stateDir: this.stateDir }),
      onEnd: () => {},
      ...options,
    });
    this.#coordinators.push(coordinator);
    return coordinator;
  }

  async startWorker(name: string, slots: number): Promise<Worker> {
    const worker = new Worker({
      id: workerId(name),
      slots,
      transport: this.transport,
      subjects: this.subjects,
      host: "test",
      folder: join(this.folder, name),
      bundleFile: () => this.#bundleFile,
      heartbeatEvery: 300,
      leaseMillis: 10_000,
      onOutput: () => {},
      publishOutput: true,
    });
    await worker.start();
    this.#workers.push(worker);
    return worker;
  }

  /** Everything of a job but that it is sent. Unless a split size says otherwise, small files have a map task each. */
  async prepare(module: string, input: readonly string[], options: { readonly splitSize?: number; readonly partitions?: number } = {}): Promise<SubmitJob> {
    const output = join(this.folder, "out");
    const request = jobRequest({ input, ...options });
    const { sha256, file } = await bundleJob(resolve(module), cacheFolder());
    this.#bundleFile = file;
    await this.transport.putBlob(sha256, readFileSync(file));
    const executor = new ExecutorHost({ threads: 1, onOutput: () => {}, onReport: () => {} });
    try {
      const { spec, planHash } = await executor.describe(sha256, file, request);
      const job: JobId = jobId("test", randomBytes(3).toString("hex"));
      return { type: "submit-job", version: VERSION, job, bundle: sha256, planHash, request, spec, folder: this.folder, output: { path: output, overwrite: false }, ship: false, priority: 0, ...jobSizes({ splitSize: 1 << 16, ...options }) };
    } finally {
      await executor.close();
    }
  }

  /** Submits and gives the parts, when the job is done. */
  async run(submission: SubmitJob): Promise<string[]> {
    const { transport, subjects } = this;
    const hooks = { cancel: new AbortController().signal, onProgress() {}, onOutput() {} };
    const manifest = await submitJob({ transport, subjects, keepsLog: true, place: "the test" }, submission, hooks);
    return manifest.parts.map(({ file }) => readFileSync(join(submission.output.path, file), "utf8"));
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) await worker.close();
    for (const coordinator of this.#coordinators) await coordinator.close();
    await this.transport.close();
  }
}
