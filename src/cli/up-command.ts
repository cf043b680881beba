/** A whole cluster on this machine, for trying things out: nats-server, coordinator and workers as child processes. */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { findNatsServer, INSTALL_NATS_SERVER, NatsServer, NatsServerError } from "../transport/nats-server.js";
import { reporting } from "./cluster-command.js";
import { ClusterProcess } from "./cluster-process.js";
import { parseCount } from "./parse-options.js";
import { onEndCall } from "./until-told.js";

interface UpFlags {
  readonly workers: number;
  readonly slots?: number;
  readonly port?: number;
  readonly stateDir?: string;
  readonly dir?: string;
}

export function upCommand(): Command {
  return new Command("up")
    .description("run a cluster on this machine: nats-server, a coordinator and workers; Ctrl-C ends them all")
    .option("--workers <n>", "workers (default 2)", parseCount, 2)
    .option("--slots <n>", "tasks that run at once in each worker (default: the cores, shared out)", parseCount)
    .option("--port <n>", "port of the nats-server on the loopback address (default: any free one)", parseCount)
    .option("--state-dir <dir>", "where jobs are remembered between runs (default: they are not)")
    .option("--dir <dir>", "folder for intermediate data (default: the system's temporary folder)")
    .action((flags: UpFlags) => reporting(() => runCluster(flags)));
}

async function runCluster({ workers, slots = Math.max(1, Math.floor(availableParallelism() / workers)), port, stateDir, dir }: UpFlags): Promise<void> {
  const binary = findNatsServer(process.env);
  if (binary === undefined) throw new NatsServerError(INSTALL_NATS_SERVER);
  const folder = await mkdtemp(join(tmpdir(), "millrace-up-"));
  const processes: ClusterProcess[] = [];
  let server: NatsServer | undefined;
  // From here on a call to end must find its way, or a start that is slow would leave things behind.
  const called = new Promise<number>((resolve) => onEndCall((call, before) => (before > 1 ? process.exit(130) : resolve(call === "SIGTERM" ? 0 : 130))));
  try {
    server = await NatsServer.start({ binary, folder: join(folder, "nats"), ...(port === undefined ? {} : { port }) });
    const { url, ended } = server;
    const start = (name: string, args: readonly string[]): ClusterProcess => {
      const child = ClusterProcess.start(name, [...args, "--nats", url], (text) => process.stderr.write(text));
      processes.push(child);
      return child;
    };
    const coordinator = start("coordinator", ["coordinator", "--state-dir", stateDir ?? join(folder, "state")]);
    const started = Array.from({ length: workers }, (_, i) => start(`w${i + 1}`, ["worker", "--name", `w${i + 1}`, "--slots", String(slots), ...(dir === undefined ? [] : ["--dir", dir])]));
    const dead = Promise.race([coordinator.ended.then((how) => `the coordinator ended (${how})`), ended.then(() => "nats-server ended")]);
    let ending = false;
    for (const worker of started) void worker.ended.then((how) => ending || process.stderr.write(`worker ${worker.name} ended (${how})\n`));
    const ready = Promise.all([coordinator, ...started].map((child) => child.ready)).then(() => "ready" as const);
    const first = await Promise.race([ready, called, dead]);
    if (first === "ready") process.stdout.write(`${greeting(url, workers, slots)}\n`);
    const end = await Promise.race([called, dead]);
    ending = true;
    if (typeof end === "string") process.stderr.write(`${end}: ending the others\n`);
    process.exitCode = typeof end === "string" ? 1 : end;
  } finally {
    const [coordinator, ...others] = processes;
    // Workers first: they say farewell and sweep; the coordinator gives up what is not committed.
    await Promise.all(others.map((child) => child.stop("SIGINT")));
    await coordinator?.stop("SIGINT");
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  }
  process.exit();
}

function greeting(url: string, workers: number, slots: number): string {
  return `cluster at ${url}: ${workers} worker${workers === 1 ? "" : "s"} with ${slots} slot${slots === 1 ? "" : "s"} each
  export MILLRACE_NATS=${url}
  millrace submit job.ts -i data/ -o out
  millrace jobs                            Ctrl-C here ends the cluster`;
}
