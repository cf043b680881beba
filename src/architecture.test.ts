/** The floors of the house: a folder imports only from floors below it, and each dependency has one owner. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";

const FLOORS: readonly (readonly string[])[] = [
  ["model", "job"],
  ["columnar", "plan", "storage", "scheduler", "protocol"],
  ["formats", "shuffle", "transport"],
  ["executor", "coordinator", "worker"],
  ["client", "status"],
  ["cli"],
];
/** Imports between folders of one floor that are part of the design. */
const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = { job: ["model"], scheduler: ["plan"] };
/** Free to all but the pure folders. */
const SHARED = ["errors", "clock", "log", "version", "faults", "package-files", "cache-folder", "import-module", "write-whole", "compiled-entry"];
const PURE = ["plan", "scheduler"];
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  "zod/mini": ["protocol/"],
  piscina: ["executor/thread-pool.ts"],
  commander: ["cli/"],
  esbuild: ["job/bundle"],
  tinyglobby: ["storage/list-inputs.ts"],
  nats: ["transport/nats.ts", "transport/nats-blobs.ts", "transport/nats-settings.ts"],
  "apache-arrow": ["columnar/ipc-", "formats/arrow-", "apache-arrow.ts"],
};

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../src");

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), "utf8");
  const found = [...source.matchAll(/(?:^import\s[^;]*?from\s+|^export\s[^;]*?from\s+|import\()"([^"]+)"/gm)];
  return found.map(([, to]) => ({ from: file, to: to! }));
}

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((file) => file.split(sep).join("/"))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.startsWith("testing/") && !file.includes("/assembly/"));
const imports = files.flatMap(importsOf);

function folderOf(file: string): string | undefined {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : undefined;
}

function targetOf({ from, to }: Import): string {
  return relative(root, resolve(root, dirname(from), to)).split(sep).join("/");
}

function floorOf(folder: string): number {
  return FLOORS.findIndex((floor) => floor.includes(folder));
}

test("every folder has a floor", (t) => {
  t.true(files.length > 50);
  t.deepEqual([...new Set(files.map(folderOf))].filter((folder) => folder !== undefined && floorOf(folder) < 0), []);
});

test("a folder imports only from floors below it", (t) => {
  const wrong = imports.filter((each) => {
    const from = folderOf(each.from);
    if (from === undefined || !each.to.startsWith(".")) return false;
    const target = targetOf(each);
    const to = folderOf(target);
    if (to === undefined) return !SHARED.includes(target.replace(/\.js$/, "")) || PURE.includes(from);
    return to !== from && !(floorOf(to) < floorOf(from)) && !(NEIGHBOURS[from] ?? []).includes(to);
  });
  t.deepEqual(wrong, []);
});

test("plan and scheduler are pure: nothing of Node, no clock, no randomness, no waiting", (t) => {
  for (const file of files.filter((each) => PURE.includes(folderOf(each) ?? ""))) {
    const source = readFileSync(join(root, file), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    t.notRegex(source, /"node:|\basync\b|\bawait\b|Date\.now|new Date|Math\.random|performance\.|setTimeout|process\./, file);
  }
});

test("model imports nothing outside itself", (t) => {
  t.deepEqual(imports.filter(({ from, to }) => from.startsWith("model/") && !to.startsWith("./")), []);
});

test("each dependency has one owner", (t) => {
  const foreign = imports.filter(({ to }) => !to.startsWith(".") && !to.startsWith("node:"));
  const wrong = foreign.filter(({ from, to }) => {
    const name = Object.keys(OWNERS).find((each) => to === each || to.startsWith(`${each}/`));
    return name === undefined || !OWNERS[name]!.some((owner) => from.startsWith(owner));
  });
  t.deepEqual(wrong, []);
});

test("what a job imports is light: none of the engine behind it", (t) => {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(join(root, file), "utf8");
    for (const [, isType, to] of source.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+"(\.[^"]+)"/gm)) {
      if (isType === undefined) visit(targetOf({ from: file, to: to! }).replace(/\.js$/, ".ts"));
    }
  };
  visit("index.ts");
  t.deepEqual([...new Set([...seen].map(folderOf))].sort(), ["client", "job", "model", undefined]);
});

test("files stay short", (t) => {
  const lengths = files.map((file) => readFileSync(join(root, file), "utf8").split("\n").length - 1).sort((a, b) => a - b);
  t.true(lengths.at(-1)! <= 350, `longest ${lengths.at(-1)}`);
  t.true(lengths[Math.floor(lengths.length / 2)]! <= 90, `median ${lengths[Math.floor(lengths.length / 2)]}`);
});
