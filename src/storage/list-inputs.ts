/**
 * Which files an input means. Everything that cannot be read is refused here, before any work, by name; size
 * and modification time are recorded, and compared again when the job commits.
 */
import { constants } from "node:fs";
import { access, readdir, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError, TaskFailure } from "../errors.js";
import type { InputFile } from "../model/split.js";
import { errnoOf } from "./write-failure.js";

const AT_ONCE = 64;

/**
 * The files of paths, folders (the visible regular files directly inside) and globs, sorted within each, none
 * twice. Relative ones start at `cwd`. Throws InputError for what is missing, empty or not a readable file.
 */
export async function listInputs(paths: readonly string[], { cwd }: { readonly cwd: string }): Promise<InputFile[]> {
  const files = new Map<string, InputFile>();
  for (const path of paths) {
    for await (const [real, file] of several(await expand(path, cwd), async (found) => [await realpath(found).catch(() => found), await describeInput(found)] as const)) {
      if (!files.has(real)) files.set(real, file);
    }
  }
  if (files.size === 0) throw new InputError("No input files: name at least one path");
  return [...files.values()];
}

/** Throws TaskFailure `input-changed` for the first file that is not as it was listed. */
export async function verifyInputs(files: readonly InputFile[]): Promise<void> {
  for await (const [{ path, size, mtime }, now] of several(files, async (file) => [file, await stat(file.path, { bigint: true }).catch(() => undefined)] as const)) {
    const change = now === undefined ? "vanished" : now.size !== BigInt(size) ? `had ${size} bytes and has ${now.size} now` : String(now.mtimeNs) !== mtime ? "was modified" : undefined;
    if (change !== undefined) {
      throw new TaskFailure({ kind: "input-changed", message: `Input ${path} ${change} while the job ran. Run the job again when nothing writes to it`, file: path });
    }
  }
}

/** What comes of each, in order; the file system is asked about several at once. */
async function* several<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): AsyncGenerator<R> {
  for (let start = 0; start < items.length; start += AT_ONCE) yield* await Promise.all(items.slice(start, start + AT_ONCE).map(ask));
}

async function expand(given: string, cwd: string): Promise<string[]> {
  const path = localPath(given, cwd);
  const found = await stat(path).catch((error: unknown) => error);
  if (!(found instanceof Error)) return (found as { isDirectory(): boolean }).isDirectory() ? filesIn(path) : [path];
  const missing = errnoOf(found) === "ENOENT" || errnoOf(found) === "ENOTDIR";
  if (missing) {
    // Loaded when it is needed, for that takes 10 ms.
    const { glob, isDynamicPattern } = await import("tinyglobby");
    if (isDynamicPattern(given)) return visible(await glob(given, { cwd, absolute: true, onlyFiles: true, expandDirectories: false }), given, cwd);
  }
  throw unusable(path, found);
}

function localPath(given: string, cwd: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(given)?.[1];
  if (scheme === "file") return fileURLToPath(given);
  if (scheme !== undefined) throw new InputError(`${given}: ${scheme}:// is not supported; inputs are files of this machine`);
  return resolve(cwd, given);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unusable(folder, error);
  });
  const files: string[] = [];
  for (const entry of entries.filter(({ name }) => isVisible(name)).sort((a, b) => byBytes(a.name, b.name))) {
    const path = join(folder, entry.name);
    const target = entry.isFile() ? entry : await stat(path).catch((error: unknown) => {
      throw unusable(path, error);
    });
    if (target.isFile()) files.push(path);
  }
  if (files.length === 0) throw new InputError(`${folder}: the folder has no visible files (names that begin with . or _ do not count, and subfolders are not searched; use a glob such as ${folder}/**)`);
  return files;
}

function visible(found: readonly string[], pattern: string, cwd: string): string[] {
  const files = found.filter((path) => isVisible(path.slice(path.lastIndexOf("/") + 1))).sort(byBytes);
  if (files.length === 0) throw new InputError(`${pattern}: no file matches (looked from ${cwd})`);
  return files;
}

async function describeInput(path: string): Promise<InputFile> {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) throw new InputError(`${path} is ${kindOf(found)}, not a regular file`);
    await access(path, constants.R_OK);
    return { path, size: Number(found.size), mtime: String(found.mtimeNs), compression: compressionOf(path) };
  } catch (error) {
    throw error instanceof InputError ? error : unusable(path, error);
  }
}

function kindOf(found: { isFIFO(): boolean; isSocket(): boolean; isDirectory(): boolean }): string {
  if (found.isFIFO()) return "a named pipe";
  if (found.isSocket()) return "a socket";
  return found.isDirectory() ? "a folder" : "a device";
}

function unusable(path: string, error: unknown): InputError {
  switch (errnoOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return new InputError(`${path}: there is no such file or folder`);
    case "EACCES":
    case "EPERM":
      return new InputError(`${path}: no permission to read it`);
    case "ELOOP":
      return new InputError(`${path}: its symbolic links lead in a circle`);
    default:
      return new InputError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function compressionOf(path: string): InputFile["compression"] {
  if (path.endsWith(".gz")) return "gzip";
  if (path.endsWith(".br")) return "brotli";
  return path.endsWith(".zst") ? "zstd" : "none";
}

function isVisible(name: string): boolean {
  return !name.startsWith(".") && !name.startsWith("_");
}

/** The same on every machine, unlike an order by language. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
