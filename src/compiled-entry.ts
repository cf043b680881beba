/**
 * Loads an entry of a process or thread, one script that the build merged, with the code that V8 compiled for it in an earlier process:
 * compiling was a third of a start's processor time. Node 22 can do so by itself (module.enableCompileCache), Node 20 cannot.
 */
import { createHash } from "node:crypto";
import { accessSync, closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { cacheFolder } from "./cache-folder.js";
import { packageFile } from "./package-files.js";
import { codePath } from "./storage/layout.js";
import { writeWhole } from "./write-whole.js";

export interface CompiledEntry<T> {
  readonly exports: T;
  /** For what the kept code is, in the words of who kept it. Undefined where V8 took none: it takes none that was made by another version of itself, or under other flags. */
  readonly covered: readonly string[] | undefined;
  /** Whether code can be kept: not in a home that is read-only, or belongs to nobody. */
  canKeep(): boolean;
  /** Keeps the code of all functions that have run so far, for later processes. Does nothing where that fails. */
  keepCode(covered: readonly string[]): void;
}

interface KeptCode {
  readonly covered: readonly string[];
  readonly code: Buffer;
}

/** `name` is relative to the folder of the compiled modules and has no extension, such as "executor/thread". */
export function loadEntry<T>(name: string): CompiledEntry<T> {
  const file = fileURLToPath(packageFile(`${name}.cjs`));
  // The build leaves no other characters in it.
  const source = readFileSync(file, "latin1");
  const place = placeOfCode(name);
  const kept = place === undefined ? undefined : readCode(place, source);
  const script = new Script(`(function (exports, require, module, __filename) { ${source}\n})`, { filename: file, ...(kept === undefined ? {} : { cachedData: kept.code }) });
  const module = { exports: {} };
  (script.runInThisContext() as Wrapper)(module.exports, createRequire(file), module, file);
  return {
    exports: module.exports as T,
    covered: script.cachedDataRejected === false ? kept?.covered : undefined,
    canKeep: () => place !== undefined && isWritable(dirname(place)),
    keepCode(covered) {
      if (place !== undefined) writeCode(place, source, { covered, code: script.createCachedData() });
    },
  };
}

type Wrapper = (exports: object, require: NodeJS.Require, module: { exports: object }, filename: string) => void;

/** Undefined for a user without a home. */
function placeOfCode(name: string): string | undefined {
  try {
    return codePath(cacheFolder(), name, `${process.version}-${process.arch}`);
  } catch {
    return undefined;
  }
}

/**
 * A digest of the script and of what follows, for V8 itself would run damaged code, and tells scripts apart by their length alone;
 * the length of `covered` as JSON, in four bytes; that JSON; the code.
 */
function readCode(file: string, source: string): KeptCode | undefined {
  try {
    const content = readOurs(file);
    if (content === undefined) return undefined;
    const body = content.subarray(DIGEST_BYTES);
    if (!digest(source, body).equals(content.subarray(0, DIGEST_BYTES))) return undefined;
    const end = LENGTH_BYTES + body.readUInt32LE();
    return { covered: JSON.parse(body.toString("utf8", LENGTH_BYTES, end)) as string[], code: body.subarray(end) };
  } catch {
    return undefined;
  }
}

/** Code that somebody else could have written is not run, wherever the cache folder lies. What is read is what was looked at, whatever has its name by now. */
function readOurs(file: string): Buffer | undefined {
  const descriptor = openSync(file, "r");
  try {
    const { uid, mode } = fstatSync(descriptor);
    const isOurs = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    return isOurs ? readFileSync(descriptor) : undefined;
  } finally {
    closeSync(descriptor);
  }
}

function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function writeCode(file: string, source: string, { covered, code }: KeptCode): void {
  const words = Buffer.from(JSON.stringify(covered));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(words.length);
  const body = Buffer.concat([length, words, code]);
  try {
    writeWhole(file, Buffer.concat([digest(source, body), body]));
  } catch {
    // A full disk: the next start compiles, too.
  }
}

const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;

function digest(source: string, body: Buffer): Buffer {
  return createHash("sha256").update(source, "latin1").update(body).digest();
}
