import { availableParallelism, hostname, tmpdir } from "node:os";
import { resolve } from "node:path";
import { Command } from "commander";
import { connectCluster } from "../client/connect.js";
import { systemClock } from "../clock.js";
import { UsageError } from "../errors.js";
import { processLog } from "../log.js";
import { workerId, type WorkerId } from "../model/ids.js";
import { executorEnvironment } from "../worker/executor-environment.js";
import { WorkerProcess, type BlockServerAddress } from "../worker/worker-process.js";
import { clusterOptions, reporting, withClusterOptions, type ClusterFlags } from "./cluster-command.js";
import { leaseOption } from "./coordinator-command.js";
import { logConnection } from "./log-connection.js";
import { parseCount, parseDuration, parseListen } from "./parse-options.js";
import { onEndCall, sayReady } from "./until-told.js";

interface WorkerFlags extends ClusterFlags {
  readonly slots?: number;
  readonly dir?: string;
  readonly name?: string;
  readonly id?: string;
  readonly passEnv: readonly string[];
  readonly orphanTimeout: number;
  readonly drainTimeout: number;
  readonly lease: number;
  readonly listen?: BlockServerAddress;
  readonly advertise?: string;
}

const MINUTE = 60_000;

export function workerCommand(): Command {
  return withClusterOptions(new Command("worker"))
    .description("run a worker of a cluster: it runs tasks and keeps map outputs. SIGTERM drains it, SIGINT ends it at once")
    .option("--slots <n>", "tasks that run at once (default: the number of cores)", parseCount)
    .option("--dir <dir>", "folder for intermediate data (default: the system's temporary folder)")
    .option("--name <name>", "begin of the worker's id (default: the host's name)")
    .option("--id <id>", "the worker's whole id, for one with a NATS user of its own (millrace nats-config --worker); never for two processes at once")
    .option("--pass-env <name>", "variable of the environment that jobs may see, beside PATH, HOME, TZ and the like; repeat for more", (name: string, names: string[]) => [...names, name], [])
    .option("--orphan-timeout <time>", "time without a coordinator after which the worker ends (default 10m)", parseDuration, 10 * MINUTE)
    .option("--drain-timeout <time>", "longest time to go on serving map outputs after SIGTERM (default 10m)", parseDuration, 10 * MINUTE)
    .option("--listen <host:port>", "where it serves map outputs to other machines (default: the loopback address, any free port; port 0 is any free one)", parseListen)
    .option("--advertise <name>", "name or address by which other machines reach it (default: the host of --listen)")
    .addOption(leaseOption())
    .action((flags: WorkerFlags) => reporting(() => runWorker(flags)));
}

async function runWorker(flags: WorkerFlags): Promise<void> {
  const { slots = availableParallelism(), dir = tmpdir(), name = hostname(), id: chosen, passEnv, orphanTimeout, drainTimeout, lease, listen = {}, advertise } = flags;
  const id = chosen === undefined ? WorkerProcess.newId(name) : checkedId(chosen);
  const log = processLog(`worker ${id}`, (text) => process.stderr.write(text), systemClock.date);
  const { transport, subjects } = await connectCluster(clusterOptions(flags), `worker ${id}`);
  logConnection(transport, log);
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((settle) => (end = settle));
  const worker = await WorkerProcess.start({
    id,
    name: chosen ?? name,
    slots,
    transport,
    subjects,
    parentFolder: resolve(dir),
    environment: executorEnvironment(process.env, passEnv),
    orphanMillis: orphanTimeout,
    leaseMillis: lease,
    listen: { ...listen, ...(advertise === undefined ? {} : { advertise }) },
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

function checkedId(text: string): WorkerId {
  try {
    return workerId(text);
  } catch {
    throw new UsageError(`${JSON.stringify(text)} cannot be a worker's id: use 1 to 64 letters, digits and hyphens`);
  }
}
