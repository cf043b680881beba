import type { InputFile } from "../model/split.js";
import type { KeptFile } from "./kept-file.js";
import { PlainSource, type StoredSource } from "./plain-source.js";
import { RemoteSource } from "./remote-source.js";

/** Opens the bytes of a file as they are stored, here or, for a shipped input, on another machine. `kept`: a file that may be open already, and may stay so. */
export function openStored(file: InputFile, start: number, kept?: KeptFile): StoredSource {
  return file.remote === undefined ? new PlainSource(file, start, kept) : new RemoteSource(file, file.remote, start);
}
