import { TaskFailure } from "../errors.js";

/** What a failed write, fsync or rename means for the attempt: the disk is full, or something else is wrong with it. */
export function writeFailure(error: unknown, path: string): TaskFailure {
  const code = errnoOf(error);
  if (code === "ENOSPC" || code === "EDQUOT") {
    const what = code === "EDQUOT" ? "the disk quota is used up" : "no space is left on the device";
    return new TaskFailure({ kind: "disk-full", message: `Cannot write ${path}: ${what} (${code}). Free some space or use another disk` }, { cause: error });
  }
  const text = error instanceof Error ? error.message : String(error);
  return new TaskFailure({ kind: "io-error", message: `Cannot write ${path}: ${text}` }, { cause: error });
}

/** `ENOENT` and the like, when the error came from the system: our own errors and Node's have codes of another form. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}
