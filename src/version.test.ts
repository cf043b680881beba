import { readFileSync } from "node:fs";
import test from "ava";
import { VERSION } from "./version.js";

test("the version is that of package.json", (t) => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  t.is(VERSION, manifest.version);
});
