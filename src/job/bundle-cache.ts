import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "../package-files.js";
import { writeWhole } from "../write-whole.js";

/** Milliseconds that a bundle stays after its last use. Each change of a job makes another one. */
const KEPT_FOR = 30 * 86_400_000;

/**
 * Puts a bundle into the cache under its name; one that is there already, whole, is left alone. Returns its path. With `now`, the time of
 * use is noted, and a new bundle removes those that nobody has used for long.
 */
export function storeBundle(cache: string, sha256: string, contents: Uint8Array, now?: Date): string {
  const file = join(cache, `${sha256}.mjs`);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  leadImportsHere(cache);
  const isNew = !isWhole(file, sha256);
  if (isNew) writeWhole(file, contents);
  if (now !== undefined) utimesSync(file, now, now);
  if (now !== undefined && isNew) sweep(cache, now.getTime() - KEPT_FOR);
  return file;
}

/** Removes bundles that nobody has used since `before`, and what processes that died left half-written. */
function sweep(cache: string, before: number): void {
  for (const name of readdirSync(cache)) {
    const file = join(cache, name);
    if (/\.mjs(?:\.[\d.]+\.tmp)?$/.test(name) && (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < before) rmSync(file, { force: true });
  }
}

/** Throws when the file is not the bundle that its name says. */
export function isWhole(file: string, sha256: string): boolean {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex") === sha256;
  } catch {
    return false;
  }
}

/** Bundles import `millrace` and `apache-arrow` by name: beside them stand packages that lead to this installation's. */
function leadImportsHere(cache: string): void {
  const own = { millrace: packageFile("index.js").href, "apache-arrow": packageFile("apache-arrow.js").href };
  for (const [name, target] of Object.entries(own)) {
    const folder = join(cache, "node_modules", name);
    mkdirSync(folder, { recursive: true });
    writeOnce(join(folder, "package.json"), '{ "type": "module", "main": "index.js" }\n');
    writeOnce(join(folder, "index.js"), `export * from ${JSON.stringify(target)};\n`);
  }
  // For messages that name it; nothing imports it.
  writeOnce(join(cache, "README.txt"), `Job bundles of the installation ${fileURLToPath(packageFile(".."))}. May be removed when no job runs.\n`);
}

function writeOnce(file: string, content: string): void {
  try {
    if (readFileSync(file, "utf8") === content) return;
  } catch {
    // Not there yet.
  }
  writeWhole(file, Buffer.from(content));
}
