/**
 * The nats-server that tests run against: one of this machine, or Debian's, fetched into a cache folder without
 * root and without installing it. Where there is neither, tests that need one are skipped, loudly; in CI they fail.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findNatsServer, INSTALL_NATS_SERVER } from "../transport/nats-server.js";

const run = promisify(execFile);

let found: Promise<string | undefined> | undefined;

/** The path of a nats-server, or undefined: then tests that need one are skipped. Throws instead when CI is set. */
export function natsServerForTests(): Promise<string | undefined> {
  found ??= findForTests(process.env, undefined, (text) => process.stderr.write(text));
  return found;
}

export async function findForTests(env: NodeJS.ProcessEnv, usualFolders: readonly string[] | undefined, say: (text: string) => void): Promise<string | undefined> {
  const here = findNatsServer(env, usualFolders);
  if (here !== undefined) return here;
  const cache = join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "millrace", "nats-server");
  const cached = join(cache, "usr", "sbin", "nats-server");
  if (existsSync(cached)) return cached;
  try {
    await fetchPackage(env, cache);
  } catch (error) {
    const message = `${INSTALL_NATS_SERVER}\nIts package could not be fetched either: ${(error as Error).message.trim()}`;
    if (!["", "false", undefined].includes(env["CI"])) throw new Error(message, { cause: error });
    say(`\n*** SKIPPED: all tests over NATS and of clusters. ***\n${message}\n\n`);
    return undefined;
  }
  say(`nats-server was not found; unpacked the package of this system, for tests only, to ${cached}\n`);
  return cached;
}

/** Several test processes may do this at once: each unpacks for itself, the first rename wins. */
async function fetchPackage(env: NodeJS.ProcessEnv, cache: string): Promise<void> {
  mkdirSync(join(cache, ".."), { recursive: true });
  const folder = mkdtempSync(`${cache}-`);
  try {
    const download = (options: readonly string[]) => run("apt-get", ["-qq", ...options, "download", "nats-server"], { cwd: folder, env, timeout: 60_000 });
    await download([]).catch(async () => {
      // A new machine has no lists of packages yet, and not everybody may fetch them into the system's folders.
      const own = privateApt(join(folder, "apt"));
      await run("apt-get", ["-qq", ...own, "update"], { cwd: folder, env, timeout: 60_000 });
      await download(own);
      rmSync(join(folder, "apt"), { recursive: true });
    });
    const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error("apt-get download brought no file");
    await run("dpkg", ["-x", archive, "."], { cwd: folder, env, timeout: 60_000 });
    rmSync(join(folder, archive));
    try {
      renameSync(folder, cache);
    } catch (error) {
      if (!existsSync(join(cache, "usr", "sbin", "nats-server"))) throw error;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function privateApt(folder: string): readonly string[] {
  mkdirSync(join(folder, "lists", "partial"), { recursive: true });
  mkdirSync(join(folder, "cache", "archives", "partial"), { recursive: true });
  return [`Dir::State=${folder}`, `Dir::State::lists=${join(folder, "lists")}`, `Dir::Cache=${join(folder, "cache")}`, "Dir::State::status=/var/lib/dpkg/status"].flatMap((option) => ["-o", option]);
}
