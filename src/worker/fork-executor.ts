import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { packageFile } from "../package-files.js";

/**
 * Starts an executor process, which waits to be told of its threads. It needs a while to boot, so this stands apart: a run forks before it
 * loads the rest of the engine.
 */
export function forkExecutor(environment?: Readonly<Record<string, string>>): ChildProcess {
  const child = fork(fileURLToPath(packageFile("executor/executor.cjs")), { stdio: ["ignore", "pipe", "pipe", "ipc"], execArgv: [], ...(environment === undefined ? {} : { env: { ...environment } }) });
  // One that cannot start, or be reached, ends; who waits for it hears that.
  return child.on("error", () => {});
}
