import type { Command } from "commander";
import { coordinatorCommand } from "./coordinator-command.js";
import { explainCommand } from "./explain-command.js";
import { cancelCommand, jobsCommand, logsCommand, statusCommand } from "./jobs-commands.js";
import { natsConfigCommand } from "./nats-config-command.js";
import { shardCommand } from "./shard-command.js";
import { submitCommand } from "./submit-command.js";
import { upCommand } from "./up-command.js";
import { workerCommand } from "./worker-command.js";

/** All but `run`, in the order of the help. */
export function otherCommands(): Command[] {
  return [explainCommand(), shardCommand(), upCommand(), submitCommand(), jobsCommand(), statusCommand(), logsCommand(), cancelCommand(), coordinatorCommand(), workerCommand(), natsConfigCommand()];
}
