import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { packageFile } from "../package-files.js";

/** Starts an executor process. It needs a while to boot, so this stands apart: a run forks before it loads the rest of the engine. */
export function forkExecutor(threads: number, heap: number | undefined, environment?: Readonly<Record<string, string>>): ChildProcess {
  return fork(fileURLToPath(packageFile("executor/executor.js")), [String(threads), String(heap ?? "")], { stdio: ["ignore", "pipe", "pipe", "ipc"], execArgv: [], ...(environment === undefined ? {} : { env: { ...environment } }) });
}
