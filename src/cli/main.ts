#!/usr/bin/env node
import { forkExecutor } from "../worker/fork-executor.js";

// The executor boots while the command and the engine are loaded, which are entries of their own: a run loads no other command.
const forked = process.argv[2] === "run" ? forkExecutor() : undefined;
try {
  if (forked === undefined) await (await import("./other-commands.js")).runProgram();
  else await (await import("./run-command.js")).runProgram(forked);
} finally {
  // Where the command line is wrong, nobody has taken it.
  forked?.kill("SIGKILL");
}
