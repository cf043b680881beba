import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { InProcessTransport } from "../transport/in-process.js";
import { BundleStore } from "./bundle-store.js";

test("a bundle that the store has lost is waited for, once and with the reason, by all who need it", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bundle-store-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const contents = Buffer.from("export default 1;\n");
  const sha256 = createHash("sha256").update(contents).digest("hex");
  const transport = new InProcessTransport();
  const bundles = new BundleStore(transport, folder);
  const reasons: string[] = [];
  const waits = new Promise<void>((resolve) => {
    const onWait = (reason: string): void => void (reasons.push(reason), resolve());
    void bundles.file(sha256, onWait);
    void bundles.file(sha256, onWait);
  });
  await waits;
  await transport.putBlob(sha256, contents);
  t.deepEqual(readFileSync(await bundles.file(sha256, t.fail)), contents);
  t.deepEqual(reasons, [`There is no blob ${sha256}`]);
});

test("what arrives under another sha256 than its own is no bundle", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bundle-store-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const transport = new InProcessTransport();
  await transport.putBlob("0".repeat(64), Buffer.from("export default 1;\n"));
  await t.throwsAsync(new BundleStore(transport, folder).file("0".repeat(64), t.fail), { message: /arrived damaged: its content has another sha256/ });
  t.false(existsSync(join(folder, `${"0".repeat(64)}.mjs`)));
});
