import { execFileSync, spawn } from "node:child_process";
import { childrenSeconds, ProcessTree } from "./process-tree.js";
import type { Program } from "./program.js";

export interface Sample {
  /** From the start of the process to its exit. */
  readonly seconds: number;
  /** Of all its processes, in user and system; undefined where there is no /proc. */
  readonly processorSeconds?: number;
  /** Most resident memory that all its processes held at one moment; pages that they share count for each. */
  readonly peakBytes: number;
}

const SAMPLE_EVERY = 20;
const MOST_SECONDS = 1800;

/** What the program before left to be written must not slow this one's own writes: ours waits for the disk, most others do not. */
function drainDisk(): void {
  execFileSync("sync");
}

/** Runs a program once. Rejects with what it printed when it fails. */
export function runProgram(program: Program): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const [command, ...args] = program.command;
    drainDisk();
    const before = childrenSeconds();
    const started = performance.now();
    const child = spawn(command!, args, { env: environment(program), stdio: ["ignore", "pipe", "pipe"] });
    const tree = new ProcessTree(child.pid!);
    const sampling = setInterval(() => tree.sample(), SAMPLE_EVERY);
    const limit = setTimeout(() => child.kill("SIGKILL"), MOST_SECONDS * 1000);
    let printed = "";
    const keep = (chunk: Buffer): void => void (printed = (printed + chunk.toString()).slice(-8192));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    let seconds = 0;
    child.on("exit", () => (seconds = (performance.now() - started) / 1000));
    const ended = (): void => {
      clearInterval(sampling);
      clearTimeout(limit);
    };
    child.on("error", (error) => {
      ended();
      reject(error);
    });
    child.on("close", (code, signal) => {
      ended();
      const after = childrenSeconds();
      if (code === 0) resolve({ seconds, peakBytes: tree.peakBytes, ...(before === undefined || after === undefined ? {} : { processorSeconds: after - before }) });
      else reject(new Error(`${program.name} ended with ${signal ?? code}:\n${printed}`));
    });
  });
}

/** NODE_EXTRA_CA_CERTS makes each Node process read certificates for 40 ms before it does anything: no program here needs it. */
function environment({ env }: Program): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;
  return { ...rest, ...env };
}
