import type { InputFile } from "../model/split.js";
import type { KeptFile } from "./kept-file.js";
import type { FileSource } from "./plain-source.js";
import { openStored } from "./stored-source.js";
import { UnpackedSource } from "./unpacked-source.js";

/** Opens a file for reading from byte `start` of its content. Compressed files are one split, so they start at 0. `kept`: a file that may be open already, and may stay so. */
export function openBytes(file: InputFile, start: number, kept?: KeptFile): FileSource {
  if (file.compression === "none") return openStored(file, start, kept);
  if (start !== 0) throw new RangeError(`${file.path} is compressed, so it cannot be read from byte ${start}`);
  return new UnpackedSource(file, file.compression);
}
