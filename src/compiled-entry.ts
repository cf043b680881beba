/**
 * Loads an entry of a process or thread, one script that the build merged, with the code that V8 compiled for it in an earlier process:
 * compiling was a third of a start's processor time. Node 22 can do so by itself (module.enableCompileCache), Node 20 cannot.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
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
  /** Whether V8 took kept code. It takes none that was made by another version of itself, or under other flags. */
  readonly hasCode: boolean;
  /** Keeps the code of all functions that have run so far, for later processes. Does nothing where it cannot be written. */
  keepCode(): void;
}

/** `name` is relative to the folder of the compiled modules and has no extension, such as "executor/thread". */
export function loadEntry<T>(name: string): CompiledEntry<T> {
  const file = fileURLToPath(packageFile(`${name}.cjs`));
  // The build leaves no other characters in it.
  const source = readFileSync(file, "latin1");
  const place = placeOfCode(name);
  const cachedData = place === undefined ? undefined : readCode(place, source);
  const script = new Script(`(function (exports, require, module, __filename) { ${source}\n})`, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) });
  const module = { exports: {} };
  (script.runInThisContext() as Wrapper)(module.exports, createRequire(file), module, file);
  return {
    exports: module.exports as T,
    hasCode: cachedData !== undefined && script.cachedDataRejected === false,
    keepCode() {
      if (place !== undefined) writeCode(place, source, script.createCachedData());
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

/** The file begins with a digest of script and code: V8 itself would run damaged code, and tells scripts apart by their length alone. */
function readCode(file: string, source: string): Buffer | undefined {
  try {
    const content = readFileSync(file);
    const code = content.subarray(DIGEST_BYTES);
    return digest(source, code).equals(content.subarray(0, DIGEST_BYTES)) ? code : undefined;
  } catch {
    return undefined;
  }
}

function writeCode(file: string, source: string, code: Buffer): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeWhole(file, Buffer.concat([digest(source, code), code]));
  } catch {
    // A home that is full or read-only: each start compiles.
  }
}

const DIGEST_BYTES = 32;

function digest(source: string, code: Buffer): Buffer {
  return createHash("sha256").update(source, "latin1").update(code).digest();
}
