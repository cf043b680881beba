import { ClusterProcess } from "../cli/cluster-process.js";

export interface MemberOptions {
  /** A plan of faults, such as "map.before-report:kill". */
  readonly fault?: string;
  /** A file: of all processes with this one, only the first to reach its fault carries it out. */
  readonly faultOnce?: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A command that becomes the process. */
  readonly enter?: readonly string[];
  /** Whether to wait until it is up. Default true. */
  readonly await?: boolean;
}

/** A process of a test's cluster. What it says is kept, and can be waited for. */
export class ClusterMember {
  readonly name: string;
  readonly #process: ClusterProcess;
  readonly #listeners = new Set<() => void>();
  readonly #wasUp: Promise<boolean>;
  stdout = "";
  stderr = "";

  constructor(name: string, args: readonly string[], { fault, faultOnce, environment = {}, cwd, enter = [] }: MemberOptions) {
    this.name = name;
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !variable.startsWith("MILLRACE")));
    const faults = fault === undefined ? {} : { MILLRACE_TESTING: "1", MILLRACE_FAULT: fault, ...(faultOnce === undefined ? {} : { MILLRACE_FAULT_ONCE: faultOnce }) };
    const onOutput = (text: string, stream: "stdout" | "stderr"): void => {
      this[stream] += text;
      for (const listener of this.#listeners) listener();
    };
    this.#process = ClusterProcess.start(name, args, onOutput, { environment: { ...inherited, ...environment, ...faults }, enter, ...(cwd === undefined ? {} : { cwd }) });
    this.#wasUp = Promise.race([this.#process.ready.then(() => true), this.#process.ended.then(() => false)]);
    void this.#process.ended.then(() => {
      for (const listener of this.#listeners) listener();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** How it ended: "exit code 0", "SIGKILL". */
  get ended(): Promise<string> {
    return this.#process.ended;
  }

  /** Resolves when it serves or has joined. */
  async up(): Promise<void> {
    if (!(await this.#wasUp)) throw new Error(`${this.name} ended (${await this.ended}) before it was up:\n${this.stderr}`);
  }

  /** Resolves when it has said something that matches; rejects when it ends before. */
  logs(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(`${this.stdout}\n${this.stderr}`);
        if (match === null && this.isRunning) return;
        this.#listeners.delete(look);
        if (match === null) reject(new Error(`${this.name} ended and never said ${pattern}:\n${this.stderr}`));
        else resolve(match);
      };
      this.#listeners.add(look);
      look();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  /** Ends it as a crash would; resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }

  /** Ends it by a signal that it handles; gives how it ended. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<string> {
    return this.#process.stop(signal);
  }
}
