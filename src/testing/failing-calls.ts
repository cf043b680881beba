/**
 * Makes the first call of some system calls fail with EIO in a process, its threads and the processes that it starts, by
 * strace: so does a disk that is about to die. The process runs on under its own pid.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface FailingCallsOptions {
  readonly pids: readonly number[];
  /** Names of system calls; each thread's first one fails. */
  readonly calls: readonly string[];
  /** Only calls on these files. Default: on all. */
  readonly files?: readonly string[];
  /** Where strace notes them. */
  readonly log: string;
}

const ATTACH_WITHIN = 10_000;

export class FailingCalls {
  readonly #strace: ChildProcess;
  readonly #log: string;

  private constructor(strace: ChildProcess, log: string) {
    this.#strace = strace;
    this.#log = log;
  }

  /** Whether strace is here, and may do this. */
  static get possible(): boolean {
    try {
      execFileSync("strace", ["-qq", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=1", "true"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  }

  /** Resolves when calls fail. */
  static async begin({ pids, calls, files = [], log }: FailingCallsOptions): Promise<FailingCalls> {
    const which = calls.join(",");
    const args = ["-f", "-qq", "-o", log, "-e", "signal=none", "-e", `trace=${which}`, "-e", `inject=${which}:error=EIO:when=1`, ...files.flatMap((file) => ["-P", file]), ...pids.flatMap((pid) => ["-p", String(pid)])];
    const strace = spawn("strace", args, { stdio: ["ignore", "ignore", "inherit"] });
    for (const deadline = performance.now() + ATTACH_WITHIN; !pids.every(isTraced); await sleep(5)) {
      if (strace.exitCode !== null || performance.now() > deadline) throw new Error("strace did not attach");
    }
    return new FailingCalls(strace, log);
  }

  /** Whether a call has failed so far. */
  get struck(): boolean {
    return readFileSync(this.#log, "latin1").includes("(INJECTED)");
  }

  async end(): Promise<void> {
    if (this.#strace.exitCode !== null || this.#strace.signalCode !== null) return;
    const ended = once(this.#strace, "exit");
    this.#strace.kill();
    await ended;
  }
}

/** All threads of it. */
function isTraced(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, "latin1")));
}
