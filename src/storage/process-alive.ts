import { errnoOf } from "./write-failure.js";

/** Whether a process with this id runs on this machine, ours or not. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === "EPERM";
  }
}
