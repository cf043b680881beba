/**
 * Which inputs an attempt reads from the coordinator's machine instead of its own: all of them when the job
 * says so, and otherwise those that are not here, or not as they were planned. (When an input has changed
 * since, the coordinator's machine knows, and says so.)
 */
import { statSync } from "node:fs";
import type { InputFile, Split } from "../model/split.js";
import type { TaskWork } from "../model/task.js";
import type { AttemptOrder } from "../protocol/executor-messages.js";
import { shippedCopyPath, shippedName } from "../storage/layout.js";

/** The order, with every shipped input told where to find it. */
export function withShippedInputs(order: AttemptOrder): AttemptOrder {
  const { header, work } = order;
  if (header.ship === undefined) return order;
  const located = (file: InputFile): InputFile => locate(file, order);
  const sides = Object.fromEntries(Object.entries(header.sides).map(([name, files]) => [name, files.map(located)]));
  return { ...order, header: { ...header, sides }, work: placed(work, (split) => ({ ...split, file: located(split.file) })) };
}

function placed(work: TaskWork, place: (split: Split) => Split): TaskWork {
  switch (work.type) {
    case "survey":
      return { ...work, split: place(work.split) };
    case "sample":
    case "map":
      return { ...work, splits: work.splits.map(place) };
    case "reduce":
      return work;
  }
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
