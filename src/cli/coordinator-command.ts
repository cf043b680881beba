import { resolve } from "node:path";
import { Command, Option } from "commander";
import { connectCluster } from "../client/connect.js";
import { systemClock } from "../clock.js";
import { openCoordinator } from "../coordinator/open-coordinator.js";
import { processLog } from "../log.js";
import { serveInputs } from "../worker/serve-inputs.js";
import { clusterOptions, reporting, withClusterOptions, type ClusterFlags } from "./cluster-command.js";
import { logConnection } from "./log-connection.js";
import { parseDuration, parseListen } from "./parse-options.js";
import { onEndCall, sayReady } from "./until-told.js";

interface CoordinatorFlags extends ClusterFlags {
  readonly stateDir?: string;
  readonly takeover?: boolean;
  readonly lease: number;
  readonly listen?: { readonly host: string; readonly port?: number };
  readonly advertise?: string;
}

export function coordinatorCommand(): Command {
  return withClusterOptions(new Command("coordinator"))
    .description("run the coordinator of a cluster: it plans, schedules and commits jobs")
    .option("--state-dir <dir>", "where jobs are remembered, so that a coordinator that starts again goes on with them")
    .option("--takeover", "take the place of a coordinator that runs; jobs that only it knows end")
    .option("--listen <host:port>", "where it serves inputs that workers cannot open (default: the loopback address, any free port)", parseListen)
    .option("--advertise <name>", "name or address by which other machines reach it (default: the host of --listen)")
    .addOption(leaseOption())
    .action((flags: CoordinatorFlags) => reporting(() => runCoordinator(flags)));
}

/** Of coordinator and workers alike. */
export function leaseOption(): Option {
  return new Option("--lease <time>", "how long a worker is believed without a heartbeat; the same for coordinator and workers").argParser(parseDuration).default(10_000, "10s");
}

async function runCoordinator(flags: CoordinatorFlags): Promise<void> {
  const { stateDir, takeover = false, lease, listen = {}, advertise } = flags;
  const log = processLog("coordinator", (text) => process.stderr.write(text), systemClock.date);
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((settle) => (end = settle));
  onEndCall((call, before) => (before > 0 ? process.exit(130) : end(call === "SIGTERM" ? 0 : 130)));
  const { transport, subjects, place } = await connectCluster(clusterOptions(flags), "coordinator", { createBlobStore: true });
  logConnection(transport, log);
  const inputServer = await serveInputs({ ...listen, ...(advertise === undefined ? {} : { advertise }) });
  try {
    const coordinator = await openCoordinator({
      transport,
      subjects,
      clock: systemClock,
      takeover,
      leaseMillis: lease,
      inputServer,
      log,
      onEnd: (error) => {
        log(error.message);
        end(1);
      },
      ...(stateDir === undefined ? {} : { stateDir: resolve(stateDir) }),
    });
    log(`serving ${place}`);
    sayReady();
    const code = await ended;
    await coordinator.close();
    process.exitCode = code;
  } finally {
    await inputServer.close();
    await transport.close();
  }
  log("ended");
  process.exit();
}
