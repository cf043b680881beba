/**
 * A worker process with its executors, as far as the coordinator can tell: it takes launches once, however
 * often they come, repeats reports until they are taken, keeps map outputs, and may stall or die.
 */
import { parseAttemptId, type AttemptId, type JobId, type NodeId, type WorkerId } from "../../model/ids.js";
import { NOT_BEGUN, type Failure } from "../../model/failure.js";
import type { ToCoordinator, ToWorker, Report } from "./messages.js";
import type { World } from "./world.js";
import { splitNumber } from "./scenario.js";
import { resultOf, statsOf } from "./virtual-output.js";

type Launch = Extract<ToWorker, { type: "launch" }>["launch"];

type Untold<M = ToCoordinator> = M extends ToCoordinator ? Omit<M, "worker" | "epoch"> : never;

const HEARTBEAT_MILLIS = 3_000;
const REPEAT_MILLIS = 2_000;

export class VirtualWorker {
  readonly id: WorkerId;
  readonly node: NodeId;
  readonly outputs = new Set<AttemptId>();
  readonly cutOffFrom = new Set<WorkerId>();
  state: "up" | "dead" = "up";
  stalledUntil = 0;
  readonly #world: World;
    readonly #slots: number;
  readonly #slowness: number;
  /** In the order in which they came. */
  readonly #running = new Map<AttemptId, Launch>();
  /** Of these, those that have one of their executor's threads. */
  readonly #begun = new Set<AttemptId>();
  readonly #reports = new Map<AttemptId, Report>();
  /** How attempts ended that were launched here. */
  readonly #ends = new Map<AttemptId, Report>();
  /** Launched or cancelled at some time: a late launch must not start it again. */
  readonly #seen = new Set<AttemptId>();
  #session = 1;
  /** The highest that it has heard of. */
  #epoch = 0;
  #joined = false;
  #draining = false;

  constructor(world: World, id: WorkerId, node: NodeId, slots: number, slowness: number) {
    this.#world = world;
    this.id = id;
    this.node = node;
    this.#slots = slots;
    this.#slowness = slowness;
    this.#join();
    this.#heartbeat();
  }

  receive(message: ToWorker): void {
    this.#whenAwake(() => this.#take(message));
  }

  kill(): void {
    this.state = "dead";
  }

  leave(): void {
    this.#send({ type: "left" });
    this.kill();
  }

  /** Takes no new tasks; ends when nothing runs any more and its map outputs were kept for a while. */
  drain(): void {
    this.#draining = true;
    this.#send({ type: "draining" });
    this.#after(20_000, () => this.#world.replace(this));
  }

  #take(message: ToWorker): void {
    if (message.epoch < this.#epoch) return;
    if (message.epoch > this.#epoch) {
      this.#epoch = message.epoch;
      if (message.type !== "joined") this.#joinAnew();
    }
    switch (message.type) {
      case "launch":
        this.#send({ type: "launch-taken", attempt: message.launch.attempt });
        if (this.#seen.has(message.launch.attempt)) {
          // A new coordinator may not know how it ended.
          const report = this.#ends.get(message.launch.attempt);
          if (report !== undefined && !this.#reports.has(message.launch.attempt)) this.#report(message.launch.attempt, report);
          return;
        }
        this.#seen.add(message.launch.attempt);
        this.#start(message.launch);
        return;
      case "cancel":
        this.#forget(message.attempt);
        this.#send({ type: "cancel-taken", attempt: message.attempt });
        return;
      case "report-taken":
        this.#reports.delete(message.attempt);
        return;
      case "joined":
        if (message.session === this.#session) this.#joined = true;
        return;
      case "epoch-over":
        return;
      case "join-again":
        if (message.session !== this.#session) return;
        for (const attempt of this.#running.keys()) this.#forget(attempt);
        // A report may have been taken though no answer came: its part may be one that the job commits.
        this.#reports.clear();
        this.outputs.clear();
        this.#session++;
        this.#joinAnew();
        return;
    }
  }

  #joinAnew(): void {
    this.#joined = false;
    this.#join();
  }

  #forget(attempt: AttemptId): void {
    this.#seen.add(attempt);
    this.#drop(attempt);
    this.#reports.delete(attempt);
    this.#ends.set(attempt, { type: "failed", failure: { kind: "cancelled", message: "it was stopped" } });
    this.outputs.delete(attempt);
    this.#world.sweep(attempt);
  }

  #start(launch: Launch): void {
    this.#running.set(launch.attempt, launch);
    this.#world.idle.add(launch.attempt);
    this.#beginNext(parseAttemptId(launch.attempt).job);
  }

  #drop(attempt: AttemptId): void {
    this.#running.delete(attempt);
    this.#begun.delete(attempt);
    this.#beginNext(parseAttemptId(attempt).job);
  }

  /** An executor has as many threads as its worker has slots. */
  #beginNext(job: JobId): void {
    const ofJob = [...this.#running.values()].filter(({ attempt }) => parseAttemptId(attempt).job === job);
    for (const launch of ofJob.slice(0, this.#slots)) if (!this.#begun.has(launch.attempt)) this.#begin(launch);
  }

  #begin(launch: Launch): void {
    const { random, scenario, time } = this.#world;
    const { attempt } = launch;
    const { task } = parseAttemptId(attempt);
    this.#begun.add(attempt);
    this.#world.idle.delete(attempt);
    const calm = time.now >= scenario.calmAt;
    const problem = this.#presumption(launch);
    const millis = Math.ceil(random.between(500, 6_000) * this.#slowness);
    this.#progress(attempt, 1);
    if (task === scenario.poison || (!calm && random.chance(scenario.executorDeath))) this.#after(millis / 2, () => this.#executorDies(attempt));
    else if (problem !== undefined) this.#after(millis, () => this.#fail(attempt, problem));
    else if (task === scenario.userError) this.#after(millis, () => this.#fail(attempt, { kind: "user-error", message: scenario.sameUserError ? "boom" : `boom in ${attempt}`, file: "input", offset: 7 }));
    else if (!calm && random.chance(scenario.flakyError)) this.#after(millis, () => this.#fail(attempt, { kind: random.pick(["user-error", "io-error", "out-of-memory", "disk-full"] as const), message: `flaky ${attempt}` }));
    else if (calm || !random.chance(scenario.hang)) this.#after(millis, () => this.#finish(launch));
  }

  /** How an attempt fails that presumes in which state its split begins. One that is wrong may see errors where there are none, or see nothing. */
  #presumption({ attempt, inputs }: Launch): Failure | undefined {
    const address = parseAttemptId(attempt);
    const { stage, task } = address;
    if ((stage !== "map" && stage !== "sample") || inputs.csvStates !== undefined) return undefined;
    const content = this.#world.contentOf(address.job);
    const split = content[splitNumber(address, content.length)];
    if (split === undefined) return undefined;
    // Pieces of samples are too short for that.
    if (split.quoted && stage === "map") return { kind: "needs-survey", message: "a quote" };
    if (split.begins === "plain" || this.#world.random.chance(0.5)) return undefined;
    return { kind: this.#world.random.pick(["bad-record", "user-error"] as const), message: `misread ${task}`, file: "input", offset: 1 };
  }

  #progress(attempt: AttemptId, records: number): void {
    this.#after(2_000, () => {
      if (!this.#running.has(attempt)) return;
      this.#send({ type: "progress", attempt, progress: { records, bytes: records, steps: 0 } });
      if (records < 5) this.#progress(attempt, records + 1);
    });
  }

  #finish(launch: Launch): void {
    const { attempt, sources } = launch;
    if (!this.#running.has(attempt)) return;
    const address = parseAttemptId(attempt);
    const lost = sources.findIndex((source) => !this.#world.canFetch(this, source.worker, source.attempt));
    const source = sources[lost];
    if (source !== undefined) {
      this.#fail(attempt, { kind: "fetch-failed", message: "gone", lostMap: { index: lost, attempt: parseAttemptId(source.attempt).attempt, ...(this.#world.reaches(this, source.worker) ? {} : { unreachable: true }) } });
      return;
    }
    const result = resultOf(attempt, sources, this.#world.isMapOnly(address.job));
    if (result.type === "map" && result.output.kind === "map-output") this.outputs.add(attempt);
    else this.#world.stage(attempt);
    this.#report(attempt, { type: "finished", result, stats: { ...statsOf(address), millis: this.#world.scenario.taskMillis } });
  }

  #fail(attempt: AttemptId, failure: Failure): void {
    if (this.#running.has(attempt)) this.#report(attempt, { type: "failed", failure });
  }

  /** All tasks of the job share it; those that wait for a thread are not to blame. */
  #executorDies(attempt: AttemptId): void {
    if (!this.#running.has(attempt)) return;
    const { job } = parseAttemptId(attempt);
    const begun = new Set(this.#begun);
    for (const other of [...this.#running.keys()]) {
      if (parseAttemptId(other).job === job) this.#fail(other, begun.has(other) ? { kind: "executor-died", message: "signal SIGKILL" } : NOT_BEGUN);
    }
  }

  #report(attempt: AttemptId, report: Report): void {
    this.#drop(attempt);
    this.#reports.set(attempt, report);
    this.#ends.set(attempt, report);
    const repeat = () => {
      if (this.#reports.get(attempt) !== report) return;
      this.#send({ type: "report", attempt, report });
      this.#after(REPEAT_MILLIS, repeat);
    };
    repeat();
  }

  #join(): void {
    if (this.#joined) return;
    const session = this.#session;
    const epoch = this.#epoch;
    this.#send({ type: "join", node: this.node, slots: this.#slots, session });
    this.#after(REPEAT_MILLIS, () => {
      if (session === this.#session && epoch === this.#epoch) this.#join();
    });
  }

  #heartbeat(): void {
    this.#after(HEARTBEAT_MILLIS, () => {
      if (this.#joined) this.#send({ type: "heartbeat", session: this.#session });
      if (this.#draining) this.#send({ type: "draining" });
      this.#heartbeat();
    });
  }

  #send(message: Untold): void {
    this.#world.toCoordinator({ ...message, worker: this.id, epoch: this.#epoch } as ToCoordinator);
  }

  #after(millis: number, run: () => void): void {
    this.#world.time.after(millis, () => this.#whenAwake(run));
  }

  /** A stalled process goes on where it was when it wakes up, knowing nothing of the time that passed. */
  #whenAwake(run: () => void): void {
    if (this.state === "dead") return;
    const stalled = this.stalledUntil - this.#world.time.now;
    if (stalled <= 0) run();
    else this.#world.time.after(stalled, () => this.#whenAwake(run));
  }
}
