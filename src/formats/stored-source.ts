import type { InputFile } from "../model/split.js";
import { PlainSource, type StoredSource } from "./plain-source.js";
import { RemoteSource } from "./remote-source.js";

/** Opens the bytes of a file as they are stored, here or, for a shipped input, on another machine. */
export function openStored(file: InputFile, start: number): StoredSource {
  return file.remote === undefined ? new PlainSource(file, start) : new RemoteSource(file, file.remote, start);
}
