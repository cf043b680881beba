import { readdirSync, readFileSync } from "node:fs";

/** Processes whose TMPDIR is `folder`, zombies aside. Children inherit it, so those whose parent was killed are found, too. Linux only. */
export function processesUnder(folder: string): { readonly pid: number; readonly command: string }[] {
  const found: { pid: number; command: string }[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "latin1").split("\0");
      const command = readFileSync(`/proc/${name}/cmdline`, "latin1").split("\0").slice(0, -1).join(" ");
      if (environment.includes(`TMPDIR=${folder}`) && command !== "") found.push({ pid: Number(name), command });
    } catch {
      // Gone meanwhile, or another user's.
    }
  }
  return found;
}
