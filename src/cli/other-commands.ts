import { coordinatorCommand } from "./coordinator-command.js";
import { explainCommand } from "./explain-command.js";
import { cancelCommand, jobsCommand, logsCommand, statusCommand } from "./jobs-commands.js";
import { natsConfigCommand } from "./nats-config-command.js";
import { runCommandLine } from "./program.js";
import { runCommand } from "./run-command.js";
import { shardCommand } from "./shard-command.js";
import { submitCommand } from "./submit-command.js";
import { upCommand } from "./up-command.js";
import { workerCommand } from "./worker-command.js";

/** The entry of all command lines but those of `millrace run`. Commands stand in the order of the help. */
export function runProgram(): Promise<void> {
  return runCommandLine([runCommand(), explainCommand(), shardCommand(), upCommand(), submitCommand(), jobsCommand(), statusCommand(), logsCommand(), cancelCommand(), coordinatorCommand(), workerCommand(), natsConfigCommand()]);
}
