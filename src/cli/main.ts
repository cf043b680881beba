#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { VERSION } from "../version.js";
import { runCommand } from "./run-command.js";

const program = new Command("millrace")
  .description("MapReduce jobs in TypeScript, on all cores of this machine or on a cluster")
  .version(VERSION)
  .showHelpAfterError("(millrace --help, or millrace <command> --help, shows how)")
  .addCommand(runCommand());

// They bring all of the cluster's code with them, which a run need not wait for.
if (process.argv[2] !== "run") {
  const { otherCommands } = await import("./other-commands.js");
  for (const command of otherCommands()) program.addCommand(command);
}

for (const command of program.commands) command.exitOverride().showHelpAfterError(`(millrace ${command.name()} --help shows how)`);

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help and version are no failures; all else that commander stops at is wrong usage.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
