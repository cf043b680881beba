import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "../package-files.js";
import { writeWhole } from "../write-whole.js";

/** Puts a bundle into the cache under its name; one that is there already, whole, is left alone. Returns its path. */
export function storeBundle(cache: string, sha256: string, contents: Uint8Array): string {
  const file = join(cache, `${sha256}.mjs`);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  leadImportsHere(cache);
  if (!isWhole(file, sha256)) writeWhole(file, contents);
  return file;
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
