#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { VERSION } from "../version.js";
import { explainCommand } from "./explain-command.js";
import { coordinatorCommand } from "./coordinator-command.js";
import { cancelCommand, jobsCommand, logsCommand, statusCommand } from "./jobs-commands.js";
import { natsConfigCommand } from "./nats-config-command.js";
import { runCommand } from "./run-command.js";
import { shardCommand } from "./shard-command.js";
import { submitCommand } from "./submit-command.js";
import { upCommand } from "./up-command.js";
import { workerCommand } from "./worker-command.js";

const program = new Command("millrace")
  .description("MapReduce jobs in TypeScript, on all cores of this machine or on a cluster")
  .version(VERSION)
  .showHelpAfterError("(millrace --help, or millrace <command> --help, shows how)")
  .addCommand(runCommand())
  .addCommand(explainCommand())
  .addCommand(shardCommand())
  .addCommand(upCommand())
  .addCommand(submitCommand())
  .addCommand(jobsCommand())
  .addCommand(statusCommand())
  .addCommand(logsCommand())
  .addCommand(cancelCommand())
  .addCommand(coordinatorCommand())
  .addCommand(workerCommand())
  .addCommand(natsConfigCommand());

for (const command of program.commands) command.exitOverride().showHelpAfterError(`(millrace ${command.name()} --help shows how)`);

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help and version are no failures; all else that commander stops at is wrong usage.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
