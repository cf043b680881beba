#!/usr/bin/env node
import { loadEntry } from "../compiled-entry.js";
import { forkExecutor } from "../worker/fork-executor.js";
import type * as RunCommand from "./run-command.js";

void main();

async function main(): Promise<void> {
  if (process.argv[2] !== "run") return (await import("./other-commands.js")).runProgram();
  // The executor boots while the command and the engine are loaded, an entry of its own: a run loads no other command.
  const forked = forkExecutor();
  try {
    const entry = loadEntry<typeof RunCommand>("cli/run-command");
    await entry.exports.runProgram(forked);
    if (entry.covered === undefined && entry.canKeep()) entry.keepCode([]);
  } finally {
    // Where the command line is wrong, nobody has taken it.
    forked.kill("SIGKILL");
  }
}
