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
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { submit, type SubmitOptions, type SubmittedJob } from "../client/submit.js";
import type { Manifest } from "../model/manifest.js";
import { NatsServer } from "../transport/nats-server.js";
import { ClusterMember, type MemberOptions } from "./cluster-member.js";
import { LocalRuns } from "./local-run.js";
import { natsServerForTests } from "./nats-server-for-tests.js";
import { processesUnder } from "./processes-under.js";

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
}

/** What it lives in: a test, or a run of chaos. */
export interface ClusterScope {
  teardown(end: () => Promise<void>): void;
  pass(): void;
  log(...values: unknown[]): void;
}

export class TestCluster {
  readonly runs: LocalRuns;
  readonly #binary: string;
  readonly #monitorPort: number;
  readonly #members = new Map<string, ClusterMember>();
  readonly #setup: ClusterSetup;
  #server: NatsServer;
  #outputs = 0;

  private constructor(runs: LocalRuns, binary: string, server: NatsServer, monitorPort: number, setup: ClusterSetup) {
    this.runs = runs;
    this.#binary = binary;
    this.#server = server;
    this.#monitorPort = monitorPort;
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
    const monitorPort = await freePort();
    const config = runs.write("nats.conf", `http: "127.0.0.1:${monitorPort}"\njetstream { store_dir: "${join(runs.folder, "nats", "jetstream")}" }\n`);
    const server = await NatsServer.start({ binary, folder: join(runs.folder, "nats"), config });
    const cluster = new TestCluster(runs, binary, server, monitorPort, setup);
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
    return this.#server.url;
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
    const handle = submit(job, { nats: this.url, onOutput: (text) => (log += text), ...options, output });
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

  /** Ends the nats-server, as a crash would, and starts it again on the same port; `wipe` removes what it stored. */
  async restartNats({ wipe = false, between = async () => {} }: { readonly wipe?: boolean; readonly between?: () => Promise<void> } = {}): Promise<void> {
    const { port } = this.#server;
    await this.#server.kill();
    const folder = join(this.runs.folder, "nats");
    if (wipe) rmSync(join(folder, "jetstream"), { recursive: true, force: true });
    await between();
    this.#server = await NatsServer.start({ binary: this.#binary, folder, port, config: join(this.runs.folder, "nats.conf") });
  }

  /** Subscriptions that the server holds for clients of Millrace, by client and subject, sorted. */
  async subscriptions(): Promise<string[]> {
    const answer = await fetch(`http://127.0.0.1:${this.#monitorPort}/connz?subs=1&limit=1000`);
    const { connections } = (await answer.json()) as { connections: { name?: string; subscriptions_list?: string[] }[] };
    return connections.flatMap(({ name = "", subscriptions_list: list = [] }) => list.filter((subject) => !subject.startsWith("_INBOX")).map((subject) => `${name} ${subject}`)).sort();
  }

  /** Names of files that no job, input or finished output is: of workers, and staging folders and locks beside outputs. */
  leftoverFiles(): string[] {
    const beside = readdirSync(this.runs.folder).filter((name) => name.startsWith("."));
    const jobs = readdirSync(this.tmp).flatMap((work) => (work.startsWith("millrace-work-") ? readdirSync(join(this.tmp, work)).filter((name) => name !== ".bundles").map((name) => `${work}/${name}`) : [work]));
    return [...beside, ...jobs].sort();
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
    await this.#server.close();
  }

  async #start(name: string, args: readonly string[], options: MemberOptions): Promise<ClusterMember> {
    const member = this.#spawn(name, [...args, "--nats", this.url], options);
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

/** A port that nobody listens on; somebody might soon, but hardly on this one. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
