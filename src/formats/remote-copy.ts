/**
 * Formats that are read at places here and there, such as Arrow files, need a shipped input on this machine's
 * disk. The copy is made once for all of a job's attempts on a worker, and goes with the job's folder.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { InputFile } from "../model/split.js";
import { TaskFailure } from "../errors.js";
import { writeFailure } from "../storage/write-failure.js";
import { MAX_PIECE, RemoteInputReader } from "./remote-input.js";

/** Path of the file's bytes on this machine. Rejects with TaskFailure. */
export async function pathOnDisk(file: InputFile): Promise<string> {
  const { remote, path, size } = file;
  if (remote === undefined) return path;
  if (existsSync(remote.copy)) return remote.copy;
  const reader = new RemoteInputReader(file, remote);
  const temporary = join(dirname(remote.copy), `.${basename(remote.copy)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    const copy = await open(temporary, "wx", 0o600);
    try {
      for (let at = 0; at < size; at += MAX_PIECE) await copy.writeFile(await reader.piece(at, Math.min(size, at + MAX_PIECE)));
    } finally {
      await copy.close();
    }
    // Two attempts may have made it at once: the copies are equal.
    await rename(temporary, remote.copy);
    return remote.copy;
  } catch (error) {
    throw error instanceof TaskFailure ? error : writeFailure(error, remote.copy);
  } finally {
    reader.close();
    await rm(temporary, { force: true });
  }
}
