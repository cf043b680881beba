/** The command line as a person meets it: real processes, their exit codes and what they print. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { LocalRuns } from "../testing/local-run.js";

const runs = new LocalRuns();
const main = fileURLToPath(new URL("main.cjs", import.meta.url));
runs.write("in.txt", "b a\na c\n".repeat(1000));
runs.job("wc", `{ name: "wc", input: text(), key: t.utf8(), value: t.float64(), map(line, emit) { for (const word of line.split(" ")) emit(word, 1); }, reduce: sum(), output: tsv() }`);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function millrace(args: readonly string[], during?: (text: string, kill: () => void) => void): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: runs.folder, env: { ...process.env, TMPDIR: runs.folder } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      during?.(stderr, () => child.kill("SIGINT"));
    });
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

test.after("nothing is left behind", (t) => {
  t.deepEqual(runs.leftovers(), []);
});

test.serial("run writes the output, tells what it did on stderr, and nothing on stdout", async (t) => {
  const { code, stdout, stderr } = await millrace(["run", "wc.ts", "-i", "in.txt", "-o", "out"]);
  t.is(code, 0);
  t.is(stdout, "");
  t.regex(stderr, /wc: 2,000 records in, 3 rows out/);
  t.is(readFileSync(join(runs.folder, "out/part-00000.tsv"), "utf8"), "a\t2000\nb\t1000\nc\t1000\n");
  t.is((await millrace(["run", "wc.ts", "-i", "in.txt", "-o", "out"])).code, 2);
  t.is((await millrace(["run", "wc.ts", "-i", "in.txt", "-o", "out", "--overwrite", "-q"])).stderr, "");
});

test.serial("--json prints one line with the result, or with the error", async (t) => {
  const done = await millrace(["run", "wc.ts", "-i", "in.txt", "-o", "json", "--json", "-q"]);
  t.like(JSON.parse(done.stdout), { status: "done", name: "wc", records: 2000, badRecords: 0 });
  const failed = await millrace(["run", "wc.ts", "-i", "gone.txt", "-o", "json2", "--json", "-q"]);
  t.like(JSON.parse(failed.stdout), { status: "failed", error: { code: "INVALID_INPUT" } });
});

test.serial("a failed job exits with 1, and its first line is the cause", async (t) => {
  runs.job("boom", `{ name: "boom", input: text(), map(line) { throw new Error("boom " + line); }, output: text() }`);
  const { code, stderr } = await millrace(["run", "boom.ts", "-i", "in.txt", "-o", "never", "-q"]);
  t.is(code, 1);
  const [first, ...rest] = stderr.split("\n");
  t.is(first, "error: map: Error: boom b a");
  t.regex(rest.join("\n"), /in .*in\.txt, byte 0\n {2}record: b a\n {2}at map .*boom\.ts:3:\d+/);
  t.false(existsSync(join(runs.folder, "never")));
});

test.serial("wrong usage exits with 2 and says how it is done", async (t) => {
  for (const [args, message] of [
    [["run", "wc.ts", "-i", "in.txt"], /required option '-o, --output <dir>' not specified/],
    [["run", "wc.ts", "-i", "in.txt", "-o", "x", "--split-size", "many"], /give bytes, such as 65536, 64KiB or 1GB/],
    [["run", "wc.ts", "-i", "in.txt", "-o", "x", "--threads", "0"], /give a whole number, at least 1/],
    [["run", "wc.ts", "-i", "in.txt", "-o", "x", "--partitions", "100001"], /partitions must be a whole number, at least 1 and at most 100000, not 100001/],
    [["run", "gone.ts", "-i", "in.txt", "-o", "x"], /There is no job module/],
    [["run", "wc.ts", "-i", "in.txt", "-o", "x", "-p", "a=1"], /this job has no parameters/],
    [["rum"], /unknown command 'rum'/],
  ] as const) {
    const { code, stderr } = await millrace(args);
    t.is(code, 2, args.join(" "));
    t.regex(stderr, message);
  }
  t.is((await millrace(["--version"])).code, 0);
});

test.serial("Ctrl-C cancels, removes everything and exits with 130", async (t) => {
  runs.job("slow", `{ name: "slow", input: text(), async map(line, emit) { await new Promise((r) => setTimeout(r, 10)); emit(line); }, output: text() }`);
  let sent = false;
  const { code, stderr } = await millrace(["run", "slow.ts", "-i", "in.txt", "-o", "parent/cancelled"], (text, kill) => {
    if (!sent && text.includes("map 0/1")) kill();
    sent ||= text.includes("map 0/1");
  });
  t.is(code, 130, stderr);
  t.regex(stderr, /interrupted by SIGINT/);
  t.false(existsSync(join(runs.folder, "parent")));
});

test.serial("explain shows the plan, reads no data and writes nothing", async (t) => {
  const before = readdirSync(runs.folder);
  const { code, stdout } = await millrace(["explain", "wc.ts", "-i", "in.txt", "--partitions", "4"]);
  t.is(code, 0);
  t.regex(stdout, /Input: text, 1 non-empty file, 7\.8 KiB in 1 split\nStage map: 1 task\n/);
  t.regex(stdout, /4 partitions by hash of the key/);
  t.deepEqual(readdirSync(runs.folder), before);
});

test.serial("shard writes Arrow files that arrow() reads with the same content", async (t) => {
  runs.write("table.csv", 'id,name\n1,"a,b"\n2,\n3,é\n');
  t.is((await millrace(["shard", "table.csv", "-o", "shards", "--schema", "id:int64,name:utf8?", "-q"])).code, 0);
  runs.job("back", `{ name: "back", input: arrow({ id: t.int64(), name: t.utf8().nullable() }), map: (row, emit) => emit(row), output: jsonl() }`);
  t.is((await millrace(["run", "back.ts", "-i", "shards", "-o", "back", "-q"])).code, 0);
  t.is(readFileSync(join(runs.folder, "back/part-00000.jsonl"), "utf8"), '{"id":1,"name":"a,b"}\n{"id":2,"name":null}\n{"id":3,"name":"é"}\n');
  t.is((await millrace(["shard", "in.txt", "-o", "lines", "-q"])).code, 0);
  t.regex((await millrace(["shard", "table.csv", "-o", "x", "--schema", "id:number"])).stderr, /"id:number" is no column/);
});
