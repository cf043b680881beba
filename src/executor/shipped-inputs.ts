/**
 * Which inputs an attempt reads from the coordinator's machine instead of its own: all of them when the job
 * says so, and otherwise those that are not here, or not as they were planned. (When an input has changed
 * since, the coordinator's machine knows, and says so.)
 */
import { statSync } from "node:fs";
import type { InputFile } from "../model/split.js";
import type { AttemptOrder } from "../protocol/executor-messages.js";
import { shippedCopyPath, shippedName } from "../storage/layout.js";

/** The order, with every shipped input told where to find it. */
export function withShippedInputs(order: AttemptOrder): AttemptOrder {
  const { header, work } = order;
  if (header.ship === undefined) return order;
  const located = (file: InputFile): InputFile => locate(file, order);
  const sides = Object.fromEntries(Object.entries(header.sides).map(([name, files]) => [name, files.map(located)]));
  return { ...order, header: { ...header, sides }, work: work.type === "reduce" ? work : { ...work, split: { ...work.split, file: located(work.split.file) } } };
}

function locate(file: InputFile, { header: { job, token, ship }, folder }: AttemptOrder): InputFile {
  if (ship === undefined || (!ship.always && isHere(file))) return file;
  return { ...file, remote: { address: ship.address, name: shippedName(job, file.path), token, copy: shippedCopyPath(folder, job, file.path) } };
}

function isHere({ path, size, mtime }: InputFile): boolean {
  try {
    const found = statSync(path, { bigint: true });
    return found.isFile() && found.size === BigInt(size) && String(found.mtimeNs) === mtime;
  } catch {
    return false;
  }
}
