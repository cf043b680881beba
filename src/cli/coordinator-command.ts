import { Command } from "commander";
import { connectCluster } from "../client/connect.js";
import { systemClock } from "../clock.js";
import { Coordinator } from "../coordinator/coordinator.js";
import { processLog } from "../log.js";
import { clusterOptions, reporting, withClusterOptions, type ClusterFlags } from "./cluster-command.js";
import { logConnection } from "./log-connection.js";
import { onEndCall, sayReady } from "./until-told.js";

interface CoordinatorFlags extends ClusterFlags {
  readonly stateDir?: string;
}

export function coordinatorCommand(): Command {
  return withClusterOptions(new Command("coordinator"))
    .description("run the coordinator of a cluster: it plans, schedules and commits jobs")
    .option("--state-dir <dir>", "where jobs are remembered, so that a coordinator that starts again goes on with them")
    .action((flags: CoordinatorFlags) => reporting(() => runCoordinator(flags)));
}

async function runCoordinator(flags: CoordinatorFlags): Promise<void> {
  const log = processLog("coordinator", (text) => process.stderr.write(text), systemClock.date);
  const { transport, subjects, place } = await connectCluster(clusterOptions(flags), "coordinator", { createBlobStore: true });
  logConnection(transport, log);
  // Later ones have higher numbers.
  const coordinator = new Coordinator({ transport, subjects, clock: systemClock, epoch: Date.now() });
  const ended = new Promise<number>((resolve) => onEndCall((call, before) => (before > 0 ? process.exit(130) : resolve(call === "SIGTERM" ? 0 : 130))));
  coordinator.start();
  log(`serving ${place}`);
  sayReady();
  const code = await ended;
  await coordinator.close();
  await transport.close();
  process.exit(code);
}
