import { availableParallelism, tmpdir } from "node:os";
import { resolve } from "node:path";
import { Command } from "commander";
import { connectCluster } from "../client/connect.js";
import { systemClock } from "../clock.js";
import { processLog } from "../log.js";
import { executorEnvironment } from "../worker/executor-environment.js";
import { WorkerProcess } from "../worker/worker-process.js";
import { clusterOptions, reporting, withClusterOptions, type ClusterFlags } from "./cluster-command.js";
import { leaseOption } from "./coordinator-command.js";
import { logConnection } from "./log-connection.js";
import { parseCount, parseDuration } from "./parse-options.js";
import { onEndCall, sayReady } from "./until-told.js";

interface WorkerFlags extends ClusterFlags {
  readonly slots?: number;
  readonly dir?: string;
  readonly name?: string;
  readonly passEnv: readonly string[];
  readonly orphanTimeout: number;
  readonly drainTimeout: number;
  readonly lease: number;
}

const MINUTE = 60_000;

export function workerCommand(): Command {
  return withClusterOptions(new Command("worker"))
    .description("run a worker of a cluster: it runs tasks and keeps map outputs. SIGTERM drains it, SIGINT ends it at once")
    .option("--slots <n>", "tasks that run at once (default: the number of cores)", parseCount)
    .option("--dir <dir>", "folder for intermediate data (default: the system's temporary folder)")
    .option("--name <name>", "begin of the worker's id (default: the host's name)")
    .option("--pass-env <name>", "variable of the environment that jobs may see, beside PATH, HOME, TZ and the like; repeat for more", (name: string, names: string[]) => [...names, name], [])
    .option("--orphan-timeout <time>", "time without a coordinator after which the worker ends (default 10m)", parseDuration, 10 * MINUTE)
    .option("--drain-timeout <time>", "longest time to go on serving map outputs after SIGTERM (default 10m)", parseDuration, 10 * MINUTE)
    .addOption(leaseOption())
    .action((flags: WorkerFlags) => reporting(() => runWorker(flags)));
}

async function runWorker(flags: WorkerFlags): Promise<void> {
  const { slots = availableParallelism(), dir = tmpdir(), name, passEnv, orphanTimeout, drainTimeout, lease } = flags;
  const id = WorkerProcess.newId(name);
  const log = processLog(`worker ${id}`, (text) => process.stderr.write(text), systemClock.date);
  const { transport, subjects } = await connectCluster(clusterOptions(flags), `worker ${id}`);
  logConnection(transport, log);
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((settle) => (end = settle));
  const worker = await WorkerProcess.start({
    id,
    slots,
    transport,
    subjects,
    parentFolder: resolve(dir),
    environment: executorEnvironment(process.env, passEnv),
    orphanMillis: orphanTimeout,
    leaseMillis: lease,
    log,
    onOutput: (text) => void process.stderr.write(text),
    onJoined: sayReady,
    onEnd: (reason) => {
      log(`ending: ${reason}`);
      end(1);
    },
  });
  onEndCall((call, before) => {
    if (call === "SIGTERM" && before === 0) {
      log("draining: no new tasks; once more SIGTERM hands back those at hand");
      void worker.drain(drainTimeout).then(() => end(0));
    } else if (before < 2) {
      void worker.handBack("the worker was told to end").then(() => end(call === "SIGTERM" ? 0 : 130));
    } else {
      process.exit(130);
    }
  });
  const code = await ended;
  await worker.close();
  await transport.close();
  log("ended");
  process.exit(code);
}
