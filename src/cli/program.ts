import { Command, CommanderError } from "commander";
import { VERSION } from "../version.js";

/** Runs what the command line of this process says, and sets its exit code. */
export async function runCommandLine(commands: readonly Command[]): Promise<void> {
  const program = new Command("millrace")
    .description("MapReduce jobs in TypeScript, on all cores of this machine or on a cluster")
    .version(VERSION)
    .showHelpAfterError("(millrace --help, or millrace <command> --help, shows how)");
  for (const command of commands) program.addCommand(command.exitOverride().showHelpAfterError(`(millrace ${command.name()} --help shows how)`));
  try {
    await program.exitOverride().parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are no failures; all else that commander stops at is wrong usage.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}
