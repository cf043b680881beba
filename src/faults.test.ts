import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";

const folder = mkdtempSync(join(tmpdir(), "millrace-faults-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const module = JSON.stringify(new URL("faults.js", import.meta.url).href);

/** What a process with these variables says that runs `script` with everything of faults.ts in scope. */
function run(script: string, environment: Readonly<Record<string, string>>): { readonly said: string; readonly end: string; readonly error: string } {
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, ["--input-type=module", "-e", `import { faultPoint, faultEnvironment, playedHost } from ${module};\nconst say = (text) => console.log(text);\n${script}`], {
    env: { PATH: process.env["PATH"], ...environment },
    encoding: "utf8",
    timeout: 30_000,
  });
  return { said: stdout.trim(), end: signal ?? String(status), error: stderr };
}

const HITS = 'const hit = faultPoint("map.record"); for (let i = 1; i <= 5; i++) { say(i); hit?.(); } say("end");';

test("without MILLRACE_TESTING nothing is planned, whatever else is set", (t) => {
  const environment = { MILLRACE_FAULT: "map.record:kill", MILLRACE_HOST: "elsewhere" };
  t.like(run(`${HITS} say(JSON.stringify([typeof hit, faultEnvironment(), playedHost() ?? "own"]));`, environment), { said: '1\n2\n3\n4\n5\nend\n["undefined",{},"own"]', end: "0" });
});

test("an action happens at the hit that was named, by default the first", (t) => {
  t.like(run(HITS, { MILLRACE_TESTING: "1", MILLRACE_FAULT: "map.record:kill" }), { said: "1", end: "SIGKILL" });
  t.like(run(HITS, { MILLRACE_TESTING: "1", MILLRACE_FAULT: "map.record:3:exit" }), { said: "1\n2\n3", end: "1" });
  t.like(run(HITS, { MILLRACE_TESTING: "1", MILLRACE_FAULT: "other.point:kill,map.record:9:kill" }), { end: "0" });
});

test("a hit may count for many: the fault comes with the one that reaches it", (t) => {
  const script = 'const hit = faultPoint("shuffle.serve"); for (const bytes of [400, 599, 1, 400]) { say(bytes); hit(bytes); }';
  t.like(run(script, { MILLRACE_TESTING: "1", MILLRACE_FAULT: "shuffle.serve:1000:exit" }), { said: "400\n599\n1", end: "1" });
});

test("a delay holds the thread up, and then things go on", (t) => {
  const script = 'const hit = faultPoint("map.record"); const start = performance.now(); hit(); say(performance.now() - start >= 50);';
  t.like(run(script, { MILLRACE_TESTING: "1", MILLRACE_FAULT: "map.record:delay:50" }), { said: "true", end: "0" });
});

test("of several processes with one plan only the first carries it out", (t) => {
  const once = join(folder, "once");
  const environment = { MILLRACE_TESTING: "1", MILLRACE_FAULT: "map.record:kill", MILLRACE_FAULT_ONCE: once };
  t.is(run(HITS, environment).end, "SIGKILL");
  t.true(existsSync(once));
  t.like(run(HITS, environment), { said: "1\n2\n3\n4\n5\nend", end: "0" });
});

test("an executor is told the plan of its worker, and can end the worker by it", (t) => {
  const environment = { MILLRACE_TESTING: "1", MILLRACE_FAULT: "map.record:kill-parent", MILLRACE_FAULT_ONCE: join(folder, "parent"), MILLRACE_HOST: "host-2" };
  t.deepEqual(JSON.parse(run("say(JSON.stringify([faultEnvironment(), playedHost()]));", environment).said), [
    { MILLRACE_TESTING: "1", MILLRACE_FAULT: "map.record:kill-parent", MILLRACE_FAULT_ONCE: join(folder, "parent") },
    "host-2",
  ]);
  const note = join(folder, "note");
  const child = `import { faultPoint } from ${module}; import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(note)}, String(process.ppid)); faultPoint("map.record")();`;
  const parent = run(`import { spawnSync } from "node:child_process"; say(process.pid); spawnSync(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(child)}], { env: process.env });`, environment);
  t.is(parent.end, "SIGKILL");
  t.is(readFileSync(note, "utf8"), parent.said);
});

test("a plan that cannot be read is an error that shows it", (t) => {
  for (const plan of ["map.record", "map.record:explode", "Map:kill", "map.record:-1:kill"]) {
    const { end, error } = run(HITS, { MILLRACE_TESTING: "1", MILLRACE_FAULT: plan });
    t.is(end, "1", plan);
    t.true(error.includes(`MILLRACE_FAULT: cannot read ${JSON.stringify(plan)}`), error);
  }
});
