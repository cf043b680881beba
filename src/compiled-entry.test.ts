import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";

interface Settings {
  readonly nodeFlags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** One that reads text. */
  readonly job?: string;
}

/** Runs a job in a home of its own; returns its output and the files of kept code with their contents. */
function runIn(home: string, { nodeFlags = [], environment = {}, job = "word-count" }: Settings = {}): { output: string; code: Map<string, Buffer> } {
  const output = mkdtempSync(join(tmpdir(), "millrace-code-"));
  try {
    const command = [...nodeFlags, "dist/cli/main.cjs", "run", `jobs/${job}.ts`, "-i", "jobs/word-count.ts", "-o", join(output, "out"), "--quiet", "--partitions", "1"];
    execFileSync(process.execPath, command, { env: { ...process.env, XDG_CACHE_HOME: home, ...environment }, stdio: "pipe" });
    const part = readdirSync(join(output, "out")).find((file) => file.startsWith("part-"))!;
    return { output: readFileSync(join(output, "out", part), "utf8"), code: existsSync(home) ? codeIn(home) : new Map<string, Buffer>() };
  } finally {
    rmSync(output, { recursive: true });
  }
}

function codeIn(home: string): Map<string, Buffer> {
  const files = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".code"));
  return new Map(files.sort().map((file) => [join(home, file), readFileSync(join(home, file))]));
}

test("code is kept by the first run, and taken by the next", (t) => {
  const home = mkdtempSync(join(tmpdir(), "millrace-home-"));
  try {
    const first = runIn(home);
    t.deepEqual([...first.code.keys()].map((file) => /code.(.*)-v\d/.exec(file)![1]), ["cli-run-command", "executor-thread"]);
    const second = runIn(home);
    t.is(second.output, first.output);
    // What is taken is not kept again: V8 would give other bytes.
    t.deepEqual(second.code, first.code);
  } finally {
    rmSync(home, { recursive: true });
  }
});

test("a job of another kind adds its own code to that of the threads", (t) => {
  const home = mkdtempSync(join(tmpdir(), "millrace-home-"));
  try {
    const [main, threads] = twoOf(runIn(home).code);
    const added = runIn(home, { job: "inverted-index" }).code;
    const [mainAfter, threadsAfter] = twoOf(added);
    t.deepEqual(mainAfter, main);
    t.true(threadsAfter.length > threads.length);
    t.deepEqual(runIn(home).code, added);
    t.deepEqual(runIn(home, { job: "inverted-index" }).code, added);
  } finally {
    rmSync(home, { recursive: true });
  }
});

function twoOf(code: ReadonlyMap<string, Buffer>): [Buffer, Buffer] {
  const [main, threads] = [...code.values()];
  return [main!, threads!];
}

test("damaged code is not run but made anew", (t) => {
  const home = mkdtempSync(join(tmpdir(), "millrace-home-"));
  try {
    const { output, code } = runIn(home);
    for (const [file, content] of code) {
      const damaged = Buffer.from(content);
      damaged[Math.floor(damaged.length / 2)]! ^= 255;
      writeFileSync(file, damaged);
    }
    const damaged = codeIn(home);
    const after = runIn(home);
    t.is(after.output, output);
    for (const [file, content] of after.code) t.notDeepEqual(content, damaged.get(file));
    t.deepEqual(runIn(home).code, after.code);
  } finally {
    rmSync(home, { recursive: true });
  }
});

// Windows tells owners in other ways.
(process.getuid === undefined ? test.skip : test)("code that others could have written is not run but made anew", (t) => {
  const home = mkdtempSync(join(tmpdir(), "millrace-home-"));
  try {
    const [file] = [...runIn(home).code.keys()] as [string];
    chmodSync(file, 0o666);
    runIn(home);
    t.is(statSync(file).mode & 0o777, 0o600);
  } finally {
    rmSync(home, { recursive: true });
  }
});

test("code made under other flags of V8 is made anew", (t) => {
  const home = mkdtempSync(join(tmpdir(), "millrace-home-"));
  try {
    const { output, code } = runIn(home);
    const flagged = runIn(home, { nodeFlags: ["--no-opt"], environment: { NODE_OPTIONS: "--stack-trace-limit=20" } });
    t.is(flagged.output, output);
    for (const [file, content] of flagged.code) t.notDeepEqual(content, code.get(file));
  } finally {
    rmSync(home, { recursive: true });
  }
});

test("where no code can be kept, jobs run all the same", (t) => {
  const home = join(tmpdir(), `millrace-home-${process.pid}`);
  try {
    const { output } = runIn(home);
    for (const file of codeIn(home).keys()) rmSync(file);
    // A file where the folder should be.
    const folder = join([...readdirSync(join(home, "millrace"))].map((name) => join(home, "millrace", name))[0]!, "code");
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
    const second = runIn(home);
    t.is(second.output, output);
    t.is(second.code.size, 0);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
