import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { packageFile } from "../package-files.js";

const MAIN = fileURLToPath(packageFile("cli/main.cjs"));
/** Milliseconds that a process gets to clean up before it is killed. */
const GRACE = 10_000;

export interface ProcessOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** A command that becomes the process, such as one that enters a namespace first. */
  readonly enter?: readonly string[];
}

export type OnOutput = (text: string, stream: "stdout" | "stderr") => void;

/** A process of a cluster as a child of this one. It ends by itself when this one is gone, however that came. */
export class ClusterProcess {
  readonly name: string;
  /** Resolves when it said that it is up; never when it ends before. */
  readonly ready: Promise<void>;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;

  private constructor(name: string, child: ChildProcess, onOutput: OnOutput) {
    this.name = name;
    this.#child = child;
    this.ready = new Promise((resolve) => child.once("message", () => resolve()));
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    child.stdout!.setEncoding("utf8").on("data", (text: string) => onOutput(text, "stdout"));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => onOutput(text, "stderr"));
  }

  /** `args`: a command of millrace with its options. */
  static start(name: string, args: readonly string[], onOutput: OnOutput, { environment, cwd, enter = [] }: ProcessOptions = {}): ClusterProcess {
    const [program, ...rest] = [...enter, process.execPath, MAIN, ...args];
    // In a process group of its own: Ctrl-C in a terminal is for the parent, who ends its children in order.
    const child = spawn(program!, rest, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
      ...(cwd === undefined ? {} : { cwd }),
      ...(environment === undefined ? {} : { env: { ...environment } }),
    });
    return new ClusterProcess(name, child, onOutput);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal, if it still runs. */
  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(signal);
  }

  /** Ends it, by force when it does not end by itself. */
  async stop(signal: NodeJS.Signals): Promise<string> {
    this.signal(signal);
    const timer = setTimeout(() => this.signal("SIGKILL"), GRACE);
    const how = await this.ended;
    clearTimeout(timer);
    return how;
  }
}
