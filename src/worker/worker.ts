/**
 * A worker is a node's process: it joins the coordinator, renews its lease by heartbeats, starts and stops
 * attempts in executors (one for each job), and owns the map outputs that they write. It runs no user code
 * and does nothing that blocks, so its heartbeats tell the truth.
 */
import { mkdir, rm } from "node:fs/promises";
import type { AttemptId, JobId, WorkerId } from "../model/ids.js";
import { parseAttemptId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { PROTOCOL_VERSION, workerCommand, workerReply, type LaunchAttempt, type WorkerCommand, type WorkerReply, type WorkerReport } from "../protocol/messages.js";
import type { Subjects } from "../protocol/subjects.js";
import { jobWorkDir } from "../storage/layout.js";
import { writeFailure } from "../storage/write-failure.js";
import { NoReplyError, type Subscription, type Transport } from "../transport/transport.js";
import { VERSION } from "../version.js";
import { sweepAttempt } from "./attempt-files.js";
import { ExecutorHost, type AttemptReport } from "./executor-host.js";

export interface WorkerOptions {
  readonly id: WorkerId;
  readonly slots: number;
  readonly transport: Transport;
  readonly subjects: Subjects;
  /** Names the machine whose files this worker sees. */
  readonly host: string;
  /** Where its block server listens, host:port; empty when it has none. */
  readonly address: string;
  /** Folder for map outputs and spills. */
  readonly folder: string;
  /** Path of a bundle by its sha256. */
  readonly bundleFile: (sha256: string) => string;
  /** Milliseconds between heartbeats. */
  readonly heartbeatEvery: number;
  readonly onOutput: (text: string) => void;
  /** An executor that is running already, for the first job. */
  readonly warmExecutor?: (onReport: (report: AttemptReport) => void) => ExecutorHost;
}

const REPLY_TIMEOUT = 5_000;

export class Worker {
  readonly #options: WorkerOptions;
  readonly #executors = new Map<JobId, ExecutorHost>();
  readonly #attempts = new Map<AttemptId, LaunchAttempt>();
  #commands: Subscription | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #epoch = 0;
  #closed = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Joins the coordinator. */
  async start(): Promise<void> {
    const { id, slots, host, address, folder, transport, subjects, heartbeatEvery } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#commands = transport.serve(subjects.worker(id), async (payload) => encode(await this.#command(decode(workerCommand, payload))));
    const reply = await this.#request({ type: "worker-joined", protocol: PROTOCOL_VERSION, version: VERSION, worker: id, slots, host, address, folder });
    if (reply.type === "rejected") throw new Error(`The coordinator rejected worker ${id}: ${reply.reason}`);
    this.#epoch = reply.epoch;
    this.#heartbeat = setInterval(() => void this.#request({ type: "worker-heartbeat", worker: id, epoch: this.#epoch }).catch(() => {}), heartbeatEvery);
  }

  /** Ends all executors and removes what lies in the worker's folder. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#heartbeat);
    this.#commands?.close();
    await Promise.all([...this.#executors.values()].map((executor) => executor.close()));
    await rm(this.#options.folder, { recursive: true, force: true });
  }

  async #command(command: WorkerCommand): Promise<WorkerReply> {
    if (command.epoch < this.#epoch) return { type: "rejected", epoch: this.#epoch, reason: `epoch ${command.epoch} is over` };
    this.#epoch = command.epoch;
    switch (command.type) {
      case "launch-attempt":
        await this.#launch(command);
        break;
      case "cancel-attempt":
        this.#cancel(command.attempt);
        break;
      case "forget-job":
        await this.#forget(command.job);
        break;
    }
    return { type: "acknowledged", epoch: this.#epoch };
  }

  async #launch(command: LaunchAttempt): Promise<void> {
    const { attempt, header, work, csvState, splitters, sources } = command;
    // The same command again: its acknowledgement was lost.
    if (this.#attempts.has(attempt)) return;
    this.#attempts.set(attempt, command);
    const { folder } = this.#options;
    try {
      // The executor comes with the job's first task, and the folder before it.
      if (!this.#executors.has(header.job)) await mkdir(jobWorkDir(folder, header.job), { recursive: true, mode: 0o700 });
    } catch (error) {
      void this.#report({ type: "attempt-failed", attempt, failure: writeFailure(error, folder).failure });
      return;
    }
    this.#executor(header.job).start({
      attempt,
      header,
      work,
      ...(csvState === undefined ? {} : { csvState }),
      ...(splitters === undefined ? {} : { splitters }),
      ...(sources === undefined ? {} : { sources }),
      bundleFile: this.#options.bundleFile(header.bundle),
      host: this.#options.host,
      folder,
      memory: Math.floor(header.memory / this.#options.slots),
    });
  }

  #executor(job: JobId): ExecutorHost {
    const known = this.#executors.get(job);
    if (known !== undefined) return known;
    const onReport = (report: AttemptReport): void => void this.#report(report);
    const warm = this.#executors.size === 0 ? this.#options.warmExecutor?.(onReport) : undefined;
    const executor = warm ?? new ExecutorHost({ threads: this.#options.slots, onOutput: this.#options.onOutput, onReport });
    this.#executors.set(job, executor);
    return executor;
  }

  async #report(report: AttemptReport): Promise<void> {
    const { id } = this.#options;
    const message: WorkerReport = { ...report, worker: id, epoch: this.#epoch };
    if (report.type === "attempt-progressed") return void (await this.#request(message).catch(() => {}));
    if (report.type === "attempt-failed") await this.#sweep(report.attempt);
    // Until it is acknowledged the result would be lost with this worker.
    while (!this.#closed && this.#attempts.has(report.attempt)) {
      try {
        await this.#request(message);
        return;
      } catch (error) {
        if (!(error instanceof NoReplyError)) throw error;
      }
    }
  }

  #cancel(attempt: AttemptId): void {
    const { job } = parseAttemptId(attempt);
    this.#executors.get(job)?.stop(attempt);
    void this.#sweep(attempt);
  }

  async #sweep(attempt: AttemptId): Promise<void> {
    const { job } = parseAttemptId(attempt);
    const staging = this.#attempts.get(attempt)?.header.staging;
    await sweepAttempt(attempt, [jobWorkDir(this.#options.folder, job), ...(staging === undefined ? [] : [staging])]);
  }

  async #forget(job: JobId): Promise<void> {
    for (const attempt of this.#attempts.keys()) if (parseAttemptId(attempt).job === job) this.#attempts.delete(attempt);
    const executor = this.#executors.get(job);
    this.#executors.delete(job);
    await executor?.close();
    await rm(jobWorkDir(this.#options.folder, job), { recursive: true, force: true });
  }

  async #request(message: WorkerReport): Promise<WorkerReply> {
    const { transport, subjects } = this.#options;
    return decode(workerReply, await transport.request(subjects.reports, encode(message), REPLY_TIMEOUT));
  }
}
