import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import test from "ava";
import { makeWorkFolder } from "./work-folder.js";

test("what a process that was killed left is removed by the next run; what lives is kept", async (t) => {
  const parent = mkdtempSync(join(tmpdir(), "millrace-folders-"));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  const script = `import { makeWorkFolder } from ${JSON.stringify(new URL("work-folder.js", import.meta.url).href)}; await makeWorkFolder(${JSON.stringify(parent)}); process.kill(process.pid, "SIGKILL");`;
  t.throws(() => execFileSync(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" }));
  const [dead] = readdirSync(parent);
  writeFileSync(join(parent, "other.txt"), "");
  const own = await makeWorkFolder(parent);
  const second = await makeWorkFolder(parent);
  t.deepEqual(readdirSync(parent).sort(), [basename(own), basename(second), "other.txt"].sort());
  t.false(readdirSync(parent).includes(dead!));
});
