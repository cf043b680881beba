import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "../package-files.js";
import { bundleCacheDir } from "../storage/layout.js";

/** Where this installation keeps its bundles. */
export function bundleCache(): string {
  return bundleCacheDir(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), fileURLToPath(packageFile(".")));
}
