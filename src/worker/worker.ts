/**
 * A worker is a node's process: it joins the coordinator, renews its lease by heartbeats, starts and stops
 * attempts in executors (one for each job), and owns the map outputs that they write. It runs no user code
 * and does nothing that blocks, so its heartbeats tell the truth.
 *
 *     start -> (attempts come and go) -> drain -> leave -> close
 */
import { mkdir, rm } from "node:fs/promises";
import { errorText, TaskFailure } from "../errors.js";
import { faultPoint } from "../faults.js";
import type { Failure } from "../model/failure.js";
import type { AttemptId, JobId, NodeId, WorkerId } from "../model/ids.js";
import { nodeId, parseAttemptId } from "../model/ids.js";
import { encode } from "../protocol/codec.js";
import { contradiction } from "../protocol/contradiction.js";
import { PROTOCOL_VERSION, workerCommands, type LaunchAttempt, type WorkerCommand, type WorkerReply } from "../protocol/messages.js";
import { readable } from "../protocol/readable.js";
import { launchesOf, type FinalReport } from "../protocol/shared-messages.js";
import type { Subjects } from "../protocol/subjects.js";
import { jobWorkDir } from "../storage/layout.js";
import type { Subscription, Transport } from "../transport/transport.js";
import { VERSION } from "../version.js";
import { attemptWork, isMapOutput, jobOrder, reportPoint, sharedWork } from "./attempt-order.js";
import { sweepAttempt } from "./attempt-files.js";
import type { AttemptReport, ExecutorHost } from "./executor-host.js";
import { JobFolders } from "./job-folders.js";
import { JobExecutors, type JobExecutorsOptions } from "./job-executors.js";
import { Membership } from "./membership.js";
import { ReportOutbox } from "./report-outbox.js";

export interface WorkerOptions extends Pick<JobExecutorsOptions, "onOutput" | "publishOutput" | "environment" | "warmExecutor"> {
  readonly id: WorkerId;
  /** Tells the worker from others whatever id its process has. Default: its id. */
  readonly node?: NodeId;
  /** Tells this process from others that had the id before. */
  readonly process?: string;
  readonly slots: number;
  readonly transport: Transport;
  readonly subjects: Subjects;
  /** Names the machine whose files this worker sees. */
  readonly host: string;
  /** Serves map outputs to other hosts; none within one process. */
  readonly blocks?: WorkerBlocks;
  /** Folder for map outputs and spills. */
  readonly folder: string;
  /** Path of a bundle by its sha256; `onWait` hears why it is not there yet. */
  readonly bundleFile: (sha256: string, onWait: (reason: string) => void) => string | Promise<string>;
  /** Milliseconds between heartbeats, and how long the coordinator believes a worker without one. */
  readonly heartbeatEvery: number;
  readonly leaseMillis: number;
  /** Milliseconds without a coordinator after which the worker gives up. Default: never. */
  readonly orphanMillis?: number;
  readonly log?: (line: string) => void;
  readonly onJoined?: () => void;
  /** The worker cannot go on: no coordinator takes it. */
  readonly onEnd?: (reason: string) => void;
}

/** The block server as the worker sees it. */
export interface WorkerBlocks {
  /** Where it listens, host:port. */
  readonly address: string;
  /** An attempt is about to run, whose output may be asked for by the bearers of its job's token. */
  register(command: LaunchAttempt): void;
  forget(job: JobId): void;
}

/** One that has no report runs, or is about to. */
interface KnownAttempt {
  readonly command: LaunchAttempt;
  report?: FinalReport;
}

export class Worker {
  readonly #options: WorkerOptions;
  readonly #executors: JobExecutors;
  readonly #membership: Membership;
  readonly #outbox: ReportOutbox;
  readonly #attempts = new Map<AttemptId, KnownAttempt>();
  readonly #progressing = new Set<AttemptId>();
  readonly #folders: JobFolders;
  readonly #changed = new Set<() => void>();
  readonly #shape = workerCommands();
  readonly #taskReceived = faultPoint("task.received");
  #commands: Subscription | undefined;
  #draining = false;
  #closed = false;

  constructor(options: WorkerOptions) {
    const { id, slots, transport, subjects, host, blocks, folder, heartbeatEvery, leaseMillis, orphanMillis = Infinity, log = () => {}, onEnd = () => {} } = options;
    this.#options = options;
    this.#folders = new JobFolders(folder);
    this.#executors = new JobExecutors({ ...options, worker: id, threads: slots, onReport: (report) => this.#report(report) });
    this.#membership = new Membership({
      id, transport, subjects, heartbeatEvery, leaseMillis, orphanMillis, onEnd,
      introduction: () => ({ type: "worker-joined", protocol: PROTOCOL_VERSION, version: VERSION, worker: id, node: options.node ?? nodeId(id), ...(options.process === undefined ? {} : { process: options.process }), slots, host, address: blocks?.address ?? "", folder, jobs: this.#jobs() }),
      jobs: () => this.#jobs(),
      onJoined: () => this.#joined(),
      onLeaseLost: () => this.#leaseLost(),
      onWaiting: (reason) => log(`waiting for a coordinator (${reason})`),
    });
    this.#outbox = new ReportOutbox((report) => this.#membership.send(report));
  }

  get runningAttempts(): number {
    let running = 0;
    for (const { report } of this.#attempts.values()) if (report === undefined) running++;
    return running;
  }

  /** Begins to join; resolves when it listens for commands. */
  async start(): Promise<void> {
    const { id, folder, transport, subjects } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#commands = transport.serve(subjects.worker(id), async (payload) => encode(await this.#answer(payload)));
    this.#membership.start();
  }

  /** Takes no new tasks, ends those at hand, and serves its map outputs until nobody needs them or the time is up. */
  async drain(longestMillis: number): Promise<void> {
    this.#draining = true;
    void this.#announceDraining();
    const { promise: timeUp, cancel } = timer(longestMillis);
    const done = async (): Promise<void> => {
      while (!this.#closed && (this.runningAttempts > 0 || this.#outbox.size > 0 || this.#servesOutputs())) await new Promise<void>((resolve) => this.#changed.add(resolve));
    };
    await Promise.race([done(), timeUp]);
    cancel();
  }

  /** Gives its running attempts back, to be run elsewhere. */
  async handBack(reason: string): Promise<void> {
    for (const [attempt, { report }] of this.#attempts) if (report === undefined) this.#stop(attempt, reason);
    const { promise: timeUp, cancel } = timer(2_000);
    await Promise.race([this.#outbox.drained(), timeUp]);
    cancel();
  }

  /** Says farewell, once. */
  async leave(): Promise<void> {
    await this.#membership.send({ type: "worker-left" }).catch(() => {});
  }

  /** Ends all executors and removes what lies in the worker's folder. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#commands?.close();
    this.#membership.close();
    this.#outbox.close();
    this.#change();
    await this.#executors.close();
    await rm(this.#options.folder, { recursive: true, force: true });
  }

  #answer(payload: Uint8Array): Promise<WorkerReply> {
    const unreadable = (reason: string): WorkerReply => ({ type: "unreadable", epoch: this.#membership.epoch, reason });
    return readable(
      `Worker ${this.#options.id}`,
      this.#shape,
      payload,
      async (command) => {
        const wrong = contradiction(command);
        return wrong === undefined ? this.#command(command) : unreadable(wrong);
      },
      unreadable,
    );
  }

  async #command(command: WorkerCommand): Promise<WorkerReply> {
    const { epoch } = command;
    if (!this.#membership.accepts(epoch)) return { type: "rejected", epoch: this.#membership.epoch, reason: `epoch ${epoch} is over` };
    switch (command.type) {
      case "launch-attempt":
        this.#launch([command]);
        break;
      case "launch-attempts":
        this.#launch(launchesOf(command));
        break;
      case "cancel-attempt":
        this.#cancel(command.attempt, command.reason);
        break;
      case "forget-job":
        await this.#forget(command.job);
        break;
    }
    return { type: "acknowledged", epoch };
  }

  /** All of one job, with the same splitters and sources. */
  #launch(commands: readonly LaunchAttempt[]): void {
    const begun: KnownAttempt[] = [];
    for (const command of commands) {
      const { attempt } = command;
      const known = this.#attempts.get(attempt);
      if (known !== undefined) {
        // The same command again: its acknowledgement was lost, or a new coordinator does not know how it ended.
        if (known.report !== undefined) this.#outbox.post(known.report);
        continue;
      }
      this.#taskReceived?.();
      const entry: KnownAttempt = { command };
      this.#attempts.set(attempt, entry);
      if (this.#draining) this.#stop(attempt, `worker ${this.#options.id} takes no new tasks`);
      else begun.push(entry);
    }
    if (begun.length > 0) void this.#begin(begun);
  }

  async #begin(entries: readonly KnownAttempt[]): Promise<void> {
    const { folder, host, slots, blocks, bundleFile } = this.#options;
    const { command: first } = entries[0]!;
    const { header } = first;
    // They may have been cancelled meanwhile.
    const wanted = (): KnownAttempt[] => entries.filter((entry) => this.#attempts.get(entry.command.attempt) === entry && entry.report === undefined);
    try {
      // The executor comes with the job's first task, and the folder before it.
      if (this.#executors.get(header.job) === undefined) await this.#folders.make(header.job);
      const wait = (reason: string): void => this.#executors.print(header.job, `[worker ${this.#options.id} waits for the job's bundle, which the coordinator puts back when the store has lost it: ${reason}]\n`);
      const order = jobOrder(first, { bundleFile: await bundleFile(header.bundle, wait), host, folder, slots });
      const begun = this.#closed ? [] : wanted();
      if (begun.length === 0) return;
      for (const { command } of begun) blocks?.register(command);
      this.#executors.of(header.job).start(order, first.epoch, begun.map(({ command }) => attemptWork(command)), sharedWork(first));
    } catch (error) {
      const failure: Failure = error instanceof TaskFailure ? error.failure : { kind: "internal", message: errorText(error) };
      for (const entry of wanted()) this.#end(entry, { type: "attempt-failed", attempt: entry.command.attempt, failure });
    }
  }

  #report(report: AttemptReport): void {
    const { attempt } = report;
    const entry = this.#attempts.get(attempt);
    const isRunning = entry !== undefined && entry.report === undefined;
    if (report.type === "attempt-progressed") {
      if (isRunning) void this.#progress(report);
    } else if (!isRunning) {
      // Stopped before, and only now off its thread: nothing writes its files any more.
      void this.#sweep(attempt);
    } else if (report.type === "attempt-failed") {
      void this.#sweep(attempt).then(() => {
        if (entry.report === undefined) this.#end(entry, report);
      });
    } else this.#end(entry, report);
  }

  async #progress(report: Extract<AttemptReport, { type: "attempt-progressed" }>): Promise<void> {
    const { attempt } = report;
    if (this.#progressing.has(attempt)) return;
    this.#progressing.add(attempt);
    await this.#membership.send(report).catch(() => {});
    this.#progressing.delete(attempt);
  }

  #end(entry: KnownAttempt, report: FinalReport): void {
    entry.report = report;
    reportPoint(report, "before-report")?.();
    this.#outbox.post(report, () => {
      reportPoint(report, "after-report")?.();
      this.#change();
    });
    this.#change();
  }

  /** Ends an attempt here for a reason of this worker's own. */
  #stop(attempt: AttemptId, reason: string): void {
    const entry = this.#attempts.get(attempt);
    if (entry === undefined) return;
    this.#executorOf(attempt)?.stop(attempt);
    this.#end(entry, { type: "attempt-failed", attempt, failure: { kind: "cancelled", message: reason } });
  }

  #cancel(attempt: AttemptId, reason: string): void {
    this.#outbox.drop(attempt);
    this.#executorOf(attempt)?.stop(attempt);
    const entry = this.#attempts.get(attempt);
    // Its report is for a coordinator that asks for this attempt again.
    if (entry !== undefined) entry.report = { type: "attempt-failed", attempt, failure: { kind: "cancelled", message: reason } };
    this.#change();
    void this.#sweep(attempt);
  }

  async #forget(job: JobId): Promise<void> {
    const { blocks } = this.#options;
    for (const attempt of this.#attempts.keys()) {
      if (parseAttemptId(attempt).job !== job) continue;
      this.#attempts.delete(attempt);
      this.#outbox.drop(attempt);
    }
    blocks?.forget(job);
    this.#change();
    await this.#executors.close(job);
    await this.#folders.remove(job);
  }

  #joined(): void {
    const { id, slots, log } = this.#options;
    log?.(`joined as ${id} with ${slots} slot${slots === 1 ? "" : "s"} (epoch ${this.#membership.epoch})`);
    this.#options.onJoined?.();
    this.#outbox.retry();
    if (this.#draining) void this.#announceDraining();
  }

  /** Nobody believes this worker any more: its tasks are being run elsewhere. Map outputs stay, for it may be believed again. */
  #leaseLost(): void {
    const { id, leaseMillis, log } = this.#options;
    const running = [...this.#attempts].filter(([, { report }]) => report === undefined);
    log?.(`no coordinator answered for ${leaseMillis / 1000} s: stopping ${running.length} attempts and trying on`);
    for (const [attempt] of running) this.#stop(attempt, `worker ${id} could not renew its lease`);
  }

  async #announceDraining(): Promise<void> {
    // When there is no answer now, joining again announces it.
    const reply = await this.#membership.send({ type: "worker-draining" }).catch(() => undefined);
    if (reply?.type !== "acknowledged") this.#membership.joinAgain();
  }

  /** Jobs that have files here, or will: one whose first attempt ended before its executor began has a folder all the same. */
  #jobs(): JobId[] {
    return [...new Set([...this.#executors.jobs(), ...[...this.#attempts.keys()].map((attempt) => parseAttemptId(attempt).job)])];
  }

  #servesOutputs(): boolean {
    for (const { report } of this.#attempts.values()) if (isMapOutput(report)) return true;
    return false;
  }

  async #sweep(attempt: AttemptId): Promise<void> {
    const { job } = parseAttemptId(attempt);
    const staging = this.#attempts.get(attempt)?.command.header.staging;
    await sweepAttempt(attempt, [jobWorkDir(this.#options.folder, job), ...(staging === undefined ? [] : [staging])]);
  }

  #executorOf(attempt: AttemptId): ExecutorHost | undefined {
    return this.#executors.get(parseAttemptId(attempt).job);
  }

  #change(): void {
    for (const resolve of this.#changed) resolve();
    this.#changed.clear();
  }
}

function timer(millis: number): { readonly promise: Promise<void>; readonly cancel: () => void } {
  let handle: NodeJS.Timeout | undefined;
  const promise = new Promise<void>((resolve) => (handle = setTimeout(resolve, millis)));
  return { promise, cancel: () => clearTimeout(handle) };
}
