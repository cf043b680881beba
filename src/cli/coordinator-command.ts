import { resolve } from "node:path";
import { Command } from "commander";
import { connectCluster } from "../client/connect.js";
import { systemClock } from "../clock.js";
import { openCoordinator } from "../coordinator/open-coordinator.js";
import { processLog } from "../log.js";
import { clusterOptions, reporting, withClusterOptions, type ClusterFlags } from "./cluster-command.js";
import { logConnection } from "./log-connection.js";
import { onEndCall, sayReady } from "./until-told.js";

interface CoordinatorFlags extends ClusterFlags {
  readonly stateDir?: string;
  readonly takeover?: boolean;
}

export function coordinatorCommand(): Command {
  return withClusterOptions(new Command("coordinator"))
    .description("run the coordinator of a cluster: it plans, schedules and commits jobs")
    .option("--state-dir <dir>", "where jobs are remembered, so that a coordinator that starts again goes on with them")
    .option("--takeover", "take the place of a coordinator that runs with another --state-dir")
    .action((flags: CoordinatorFlags) => reporting(() => runCoordinator(flags)));
}

async function runCoordinator(flags: CoordinatorFlags): Promise<void> {
  const log = processLog("coordinator", (text) => process.stderr.write(text), systemClock.date);
  const { transport, subjects, place } = await connectCluster(clusterOptions(flags), "coordinator", { createBlobStore: true });
  logConnection(transport, log);
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((resolve) => (end = resolve));
  onEndCall((call, before) => (before > 0 ? process.exit(130) : end(call === "SIGTERM" ? 0 : 130)));
  const coordinator = await openCoordinator({
    transport,
    subjects,
    clock: systemClock,
    log,
    onEnd: (error) => {
      log(error.message);
      end(1);
    },
    ...(flags.stateDir === undefined ? {} : { stateDir: resolve(flags.stateDir) }),
    ...(flags.takeover === undefined ? {} : { takeover: flags.takeover }),
  });
  log(`serving ${place}`);
  sayReady();
  const code = await ended;
  await coordinator.close();
  await transport.close();
  process.exit(code);
}
