import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "./package-files.js";
import { installationCacheDir } from "./storage/layout.js";

/** Where this installation keeps bundles and compiled code. Throws for a user without a home. */
export function cacheFolder(): string {
  return installationCacheDir(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), fileURLToPath(packageFile(".")));
}
