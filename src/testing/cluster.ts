/**
 * A cluster of real processes for tests: a nats-server, coordinators and workers, each of which can be killed, frozen
 * or started again by itself, with a fault planned at a named point (see faults.ts). Everything lies in one folder, and
 * everything ends with the test process, even when that is killed.
 *
 *     const cluster = await TestCluster.start(t, { workers: 3 });
 *     if (cluster === undefined) return;            // no nats-server here: skipped, and said so
 *     const job = cluster.submit(cluster.runs.job("wc", "{ ... }"), { input });
 *     await cluster.member("w1").logs(/joined/);
 *     cluster.member("w2").signal("SIGKILL");
 *     t.deepEqual(await cluster.partsOf(job), await cluster.localParts(...));
 *     t.deepEqual(await cluster.leftovers(), []);
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { submit, type SubmitOptions, type SubmittedJob } from "../client/submit.js";
import type { Manifest } from "../model/manifest.js";
import { ClusterMember, type MemberOptions } from "./cluster-member.js";
import { LocalRuns } from "./local-run.js";
import { natsServerForTests } from "./nats-server-for-tests.js";
import { processesUnder } from "./processes-under.js";
import { TestNats } from "./test-nats.js";
import { HOME, type TestNetwork } from "./test-network.js";

export interface ClusterSetup {
  /** Workers w1, w2, ... that are up when `start` resolves. Default 2. */
  readonly workers?: number;
  /** Default 1. */
  readonly slots?: number;
  /** Whether the coordinator keeps its state, and so can be started again. Default false. */
  readonly stateful?: boolean;
  /** How long a worker is believed without a heartbeat, such as "2s". Default that of Millrace. */
  readonly lease?: string;
  readonly coordinator?: MemberOptions;
  /** Three are a cluster that keeps three copies of all that is stored. Default 1. */
  readonly natsServers?: 1 | 3;
  /** Coordinator and workers each have a place of that name there; the nats-server is at home. */
  readonly network?: TestNetwork;
}

/** What it lives in: a test, or a run of chaos. */
export interface ClusterScope {
  teardown(end: () => Promise<void>): void;
  pass(): void;
  log(...values: unknown[]): void;
}

export class TestCluster {
  readonly runs: LocalRuns;
  readonly nats: TestNats;
  readonly #binary: string;
  readonly #members = new Map<string, ClusterMember>();
  readonly #setup: ClusterSetup;
  #outputs = 0;

  private constructor(runs: LocalRuns, nats: TestNats, binary: string, setup: ClusterSetup) {
    this.runs = runs;
    this.nats = nats;
    this.#binary = binary;
    this.#setup = setup;
  }

  /** Undefined where there is no nats-server: the test is skipped (in CI, it fails). It ends with the test. */
  static async start(t: ClusterScope, setup: ClusterSetup = {}): Promise<TestCluster | undefined> {
    const binary = await natsServerForTests();
    if (binary === undefined) {
      t.log("SKIPPED: there is no nats-server");
      t.pass();
      return undefined;
    }
    const runs = new LocalRuns();
    const nats = await TestNats.start({ binary, folder: join(runs.folder, "nats"), host: (await setup.network?.place(HOME))?.address, servers: setup.natsServers ?? 1 });
    const cluster = new TestCluster(runs, nats, binary, setup);
    t.teardown(async () => {
      await cluster.stop();
      runs.close();
    });
    await cluster.startCoordinator(setup.coordinator);
    await Promise.all(Array.from({ length: setup.workers ?? 2 }, (_, i) => cluster.startWorker(`w${i + 1}`)));
    return cluster;
  }

  get serverBinary(): string {
    return this.#binary;
  }

  get url(): string {
    return this.nats.url;
  }

  /** Where workers keep intermediate data and everything temporary. */
  get tmp(): string {
    return join(this.runs.folder, "tmp");
  }

  /** The latest process of that name. */
  member(name: string): ClusterMember {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`There is no ${name}`);
    return member;
  }

  /** Resolves when it serves. */
  async startCoordinator(options: MemberOptions = {}): Promise<ClusterMember> {
    const state = this.#setup.stateful === true ? ["--state-dir", join(this.runs.folder, "state")] : [];
    return this.#start("coordinator", ["coordinator", ...state, ...this.#lease()], options);
  }

  /** Resolves when it has joined; with `await: false` at once. */
  async startWorker(name: string, options: MemberOptions & { readonly slots?: number } = {}): Promise<ClusterMember> {
    const slots = options.slots ?? this.#setup.slots ?? 1;
    return this.#start(name, ["worker", "--name", name, "--slots", String(slots), "--dir", this.tmp, ...this.#lease()], options);
  }

  /** Runs a command of millrace to its end. */
  async millrace(args: readonly string[], options: MemberOptions = {}): Promise<{ readonly code: string; readonly stdout: string; readonly stderr: string }> {
    const member = this.command(args, options);
    const code = await member.ended;
    return { code, stdout: member.stdout, stderr: member.stderr };
  }

  /** Starts a command of millrace that knows this cluster. */
  command(args: readonly string[], { environment = {}, ...options }: MemberOptions = {}): ClusterMember {
    return this.#spawn(args[0]!, args, { ...options, environment: { MILLRACE_NATS: this.url, ...environment } });
  }

  /** Submits by the library, from this process. The output is a new folder. */
  submit(job: string, options: Partial<SubmitOptions> = {}): SubmittedJob & { readonly output: string; readonly log: () => string } {
    const output = options.output ?? join(this.runs.folder, `cluster-out-${this.#outputs++}`);
    let log = "";
    const handle = submit(job, { nats: this.url, natsReplicas: this.#setup.natsServers ?? 1, onOutput: (text) => (log += text), ...options, output });
    return { ...handle, output, log: () => log };
  }

  /** The content of the parts of a finished output, by name. */
  parts(output: string): Record<string, string> {
    const names = readdirSync(output).filter((name) => name.startsWith("part-"));
    return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(output, name), "latin1")]));
  }

  /** What the same job gives on this machine alone. */
  async localParts(job: string, options: Parameters<LocalRuns["run"]>[1] = {}): Promise<Record<string, string>> {
    return this.parts((await this.runs.run(job, options)).output);
  }

  /** The manifest of a job, and its parts. */
  async finish(job: SubmittedJob & { readonly output: string }): Promise<{ readonly manifest: Manifest; readonly parts: Record<string, string> }> {
    const manifest = await job.result;
    return { manifest, parts: this.parts(job.output) };
  }

  /** Ends all nats-servers, as a crash would, and starts them again on the same ports; `wipe` removes what it stored. */
  async restartNats({ wipe = false, between = async () => {} }: { readonly wipe?: boolean; readonly between?: () => Promise<void> } = {}): Promise<void> {
    await this.nats.kill();
    if (wipe) this.nats.wipe();
    await between();
    await this.nats.revive();
  }

  /** Names of files that no job, input or finished output is: of workers, and staging folders and locks beside outputs. */
  leftoverFiles(): string[] {
    const beside = readdirSync(this.runs.folder).filter((name) => name.startsWith("."));
    const jobs = readdirSync(this.tmp).flatMap((work) => (work.startsWith("millrace-work-") ? readdirSync(join(this.tmp, work)).filter((name) => name !== ".bundles").map((name) => `${work}/${name}`) : [work]));
    return [...beside, ...jobs].sort();
  }

  /** What the coordinators of a stateful cluster have written down, as it lies on the disk. */
  journal(): string {
    const state = join(this.runs.folder, "state");
    return readdirSync(state).filter((name) => name.startsWith("journal-")).map((name) => readFileSync(join(state, name), "latin1")).join("\n");
  }

  /** Processes that run with this cluster's folder for temporary data: workers, executors, commands. */
  processes(): { readonly pid: number; readonly command: string }[] {
    return processesUnder(this.tmp);
  }

  /** Waits until what `look` gives fulfils `enough`; the error tells what it gave last. */
  async until<T>(what: string, look: () => T | Promise<T>, enough: (value: T) => boolean, within = 30_000): Promise<T> {
    for (const deadline = performance.now() + within; ; await sleep(50)) {
      const value = await look();
      if (enough(value)) return value;
      if (performance.now() > deadline) throw new Error(`Not within ${within} ms: ${what}; last ${JSON.stringify(value)}\n${this.logs()}`);
    }
  }

  /** All that the processes said, for a failing test to show. */
  logs(): string {
    return [...this.#members.values()].map((member) => `--- ${member.name}\n${member.stderr}`).join("\n");
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => member.kill()));
    await this.nats.close();
  }

  async #start(name: string, args: readonly string[], options: MemberOptions): Promise<ClusterMember> {
    const copies = this.#setup.natsServers === 3 ? ["--nats-replicas", "3"] : [];
    const place = await this.#setup.network?.place(name);
    const there = place === undefined ? [] : ["--listen", `${place.address}:0`];
    const member = this.#spawn(name, [...args, "--nats", this.url, ...copies, ...there], { ...options, ...(place === undefined ? {} : { enter: place.enter }) });
    if (options.await !== false) await member.up();
    return member;
  }

  #lease(): string[] {
    return this.#setup.lease === undefined ? [] : ["--lease", this.#setup.lease];
  }

  #spawn(name: string, args: readonly string[], options: MemberOptions): ClusterMember {
    mkdirSync(this.tmp, { recursive: true });
    const member = new ClusterMember(name, [...args, ...(options.args ?? [])], { ...options, cwd: this.runs.folder, environment: { TMPDIR: this.tmp, ...options.environment } });
    this.#members.set(this.#members.get(name)?.isRunning === true ? `${name} (${member.pid})` : name, member);
    return member;
  }
}
