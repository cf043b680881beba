#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { VERSION } from "../version.js";
import { explainCommand } from "./explain-command.js";
import { natsConfigCommand } from "./nats-config-command.js";
import { runCommand } from "./run-command.js";
import { shardCommand } from "./shard-command.js";

const program = new Command("millrace")
  .description("MapReduce jobs in TypeScript, on all cores of this machine")
  .version(VERSION)
  .showHelpAfterError("(millrace --help, or millrace <command> --help, shows how)")
  .addCommand(runCommand())
  .addCommand(explainCommand())
  .addCommand(shardCommand())
  .addCommand(natsConfigCommand());

for (const command of program.commands) command.exitOverride().showHelpAfterError(`(millrace ${command.name()} --help shows how; the ${command.name() === "shard" ? "inputs come" : "job comes"} first)`);

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help and version are no failures; all else that commander stops at is wrong usage.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
