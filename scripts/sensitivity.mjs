// Takes out defences one by one, in a copy, and runs the few test files that ought to notice (R14):
//
//     node scripts/sensitivity.mjs [pattern of names]
//
// A defence is a piece of source that is replaced by exactly what would be there without it. Ends with 1 when one is
// missed by its tests, or when a piece is not found any more.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { transformSync } from "esbuild";

const SIMULATION = "src/testing/simulation/simulation.test.ts";

// [name, file, what stands there, what would stand there without the defence, tests, titles of tests]
const DEFENCES = [
  ["leases", "src/scheduler/liveness.ts", "if (heardAt + cluster.leaseMillis > at) break;", "break;", ["src/scheduler/liveness.test.ts"]],
  ["task timeout", "src/scheduler/liveness.ts", "if (progressAt + job.limits.taskTimeout > at) break;", "break;", ["src/scheduler/liveness.test.ts", "src/scheduler/retry.test.ts", SIMULATION]],
  ["outputs of lost workers run again", "src/scheduler/liveness.ts", "loseOutputsOf(worker, job, turn.at, `worker ${worker.id} is lost`);", "", ["src/scheduler/liveness.test.ts"]],
  ["a fetch failure runs the map again", "src/scheduler/fetch-failures.ts", "loseOutput(map, turn.at,", "void (map, turn.at,", ["src/scheduler/fetch-failures.test.ts"]],
  ["fencing: reports are matched by attempt", "src/scheduler/attempt-reports.ts", "running.find((attempt) => attempt.id === id)", "running[0]", [SIMULATION]],
  ["losers of a race are cancelled", "src/scheduler/attempt-finished.ts", "if (other !== attempt) cancelCommand(", "if (false) cancelCommand(", ["src/scheduler/speculation.test.ts", SIMULATION]],
  ["submissions are deduplicated", "src/scheduler/scheduler.ts", "if (cluster.jobs.has(plan.job) || cluster.ended.has(plan.job)) return;", "", [SIMULATION]],
  ["limit of executor deaths", "src/scheduler/attempt-failed.ts", "alone && trouble.deaths >= limits.deaths", "false", ["src/scheduler/isolation.test.ts", SIMULATION]],
  ["limit of attempts", "src/scheduler/attempt-failed.ts", "trouble.failures >= limit ?", "false ?", ["src/scheduler/retry.test.ts"]],
  ["only begun attempts are charged with a lost worker", "src/scheduler/liveness.ts", "begun.has(attempt) ?", "true ?", ["src/scheduler/run-ahead.test.ts", SIMULATION]],
  ["bad nodes are excluded", "src/scheduler/exclusion.ts", "if (isStruckOut(node)) exclude(", "if (false) exclude(", ["src/scheduler/exclusion.test.ts"]],
  ["nodes that others cannot reach are cut off", "src/scheduler/cuts.ts", "if (cutOff !== undefined) cutNodeOff(turn, cutOff);", "", ["src/scheduler/cuts.test.ts"]],
  ["effects wait until the journal is durable", "src/coordinator/recorder.ts", "this.#effects.push(effect);", "effect();", ["src/coordinator/recorder.test.ts"]],
  ["the look for a later epoch after each write", "src/coordinator/recorder.ts", "if (!this.#sink.isCurrent()) return", "if (false) return", ["src/coordinator/recorder.test.ts", "src/coordinator/takeover.test.ts"]],
  ["the epoch of a state folder", "src/storage/state-folder.ts", "return epochs.includes(this.epoch) && Math.max(...epochs) === this.epoch;", "return true;", ["src/coordinator/takeover.test.ts"]],
  ["a worker's word ends no coordinator", "src/coordinator/succession.ts", "else this.announce();\n  }", "else this.#replaced(epoch);\n  }", ["src/coordinator/takeover.test.ts"]],
  ["workers refuse commands of an older epoch", "src/worker/membership.ts", "if (epoch < this.#latest) return false;", "", ["src/worker/membership.test.ts"]],
  ["a launch that comes again starts nothing", "src/worker/worker.ts", "if (known !== undefined) {", "if (false) {", ["src/worker/launch-again.test.ts"]],
  ["CRC of a record in the journal", "src/storage/frames.ts", "return crc32(payload) === view.readUInt32LE(at + 4) ? payload : undefined;", "return payload;", ["src/storage/frames.test.ts"]],
  ["the checksum of blocks", "src/shuffle/block-reader.ts", "if (blockSum(shape.identity, block.segment, bytes) !== block.sum)", "if (false)", ["src/shuffle/block-damage.test.ts"]],
  ["CRC of the index of blocks", "src/shuffle/block-index.ts", "if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end), crc32(identity)))", "if (false)", ["src/shuffle/block-damage.test.ts"]],
  ["the token of the block server", "src/worker/block-store.ts", "if (job === undefined || !equal)", "if (job === undefined)", ["src/worker/block-server.test.ts"]],
  ["the commit puts parts aside before it publishes by one rename", "src/storage/output-committer.ts", "await rename(finished, path);", "await mkdir(path, { recursive: true }); for (const name of await readdir(finished)) await rename(join(finished, name), join(path, name));", ["src/storage/output-committer.test.ts"]],
  ["the commit's claim", "src/storage/output-committer.ts", "if (unclaimed === undefined && epochOfClaim(held) > epochOfClaim(own))", "if (false)", ["src/storage/output-committer.test.ts"]],
  ["the commit looks at the lock of the output", "src/storage/output-committer.ts", "checkLock(lock, path, job);", "", ["src/storage/output-committer.test.ts"]],
  ["inputs are compared before the commit", "src/coordinator/publish-output.ts", "await verifyInputs(job.inputs);", "{}", ["src/client/run-local.test.ts"]],
  ["parts are durable before they are reported", "src/storage/part-file.ts", "await file.sync();", "", ["src/storage/output-committer.test.ts"]],
  ["the sha256 of a bundle", "src/transport/patient-blobs.ts", '!== sha256) throw', '!== sha256 && false) throw', ["src/transport/transport-contract.test.ts", "src/worker/bundle-store.test.ts"]],
  ["bundles are put back", "src/coordinator/kept-bundles.ts", "if (contents !== undefined) await putBlobPatiently(", "if (false) await putBlobPatiently(", ["src/coordinator/kept-bundles.test.ts"], "*vanishes*"],
  ["secrets stay out of the environment of user code", "src/worker/executor-environment.ts", '!name.startsWith("MILLRACE") && (ALLOWED', '(true || ALLOWED', ["src/client/submit.test.ts"], "*sees no variable*"],
  ["messages of several tasks are bounded", "src/protocol/usual-messages.ts", "value.length <= MOST_IN_MESSAGE", "true", ["src/protocol/usual-messages.test.ts"]],
  ["of several in a message that cannot be read, each goes by itself", "src/coordinator/command-outbox.ts", "entries.length > 1", "false", ["src/coordinator/command-outbox.test.ts"]],
  ["a report that was lost with others comes again", "src/worker/report-outbox.ts", "this.#mail.post(entry);\n  }\n\n  #isWanted", "}\n\n  #isWanted", ["src/worker/report-outbox.test.ts"]],
  ["kept code is compared with its digest", "src/compiled-entry.ts", "if (!digest(source, body).equals(content.subarray(0, DIGEST_BYTES))) return undefined;", "", ["src/compiled-entry.test.ts"], "damaged*"],
  ["kept code of others is not run", "src/compiled-entry.ts", "return isOurs ? readFileSync(descriptor) : undefined;", "return readFileSync(descriptor);", ["src/compiled-entry.test.ts"], "code that others*"],
  ["messages that contradict themselves are refused", "src/protocol/contradiction.ts", "return result.type === parseAttemptId(attempt).stage ?", "return true ?", ["src/protocol/contradiction.test.ts"]],
];

const root = resolve(import.meta.dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "millrace-sensitivity-"));
process.once("exit", () => rmSync(copy, { recursive: true, force: true }));
for (const name of ["src", "jobs", "datasets", "scripts", "package.json", "tsconfig.json"]) cpSync(join(root, name), join(copy, name), { recursive: true });
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
execFileSync("npx", ["tsc", "-p", "tsconfig.json"], { cwd: copy, stdio: "inherit" });
cpSync(join(root, "dist/columnar/kernels/kernels.wasm"), join(copy, "dist/columnar/kernels/kernels.wasm"));

mergeScripts();

const chosen = DEFENCES.filter(([name]) => new RegExp(process.argv[2] ?? "").test(name));
const exists = new Set(execFileSync("git", ["ls-files", "src"], { cwd: root, encoding: "utf8" }).split("\n"));
for (const titles of new Set(chosen.map(([, , , , , titles]) => titles))) {
  const broken = testsFail([...new Set(chosen.flatMap(([, , , , tests, own]) => (own === titles ? tests : [])))], titles);
  if (broken !== undefined) throw new Error(`The tests fail with all defences in place:\n${broken}`);
}

let missed = 0;
for (const [name, file, from, to, tests, titles] of chosen) {
  const source = readFileSync(join(copy, file), "utf8");
  const found = source.split(from).length - 1;
  const compiled = join(copy, file.replace(/^src\//, "dist/").replace(/\.ts$/, ".js"));
  const whole = readFileSync(compiled);
  writeFileSync(compiled, transformSync(source.replace(from, () => to), { loader: "ts", format: "esm", target: "node20" }).code);
  mergeScripts();
  const outcome = found !== 1 ? `NOT FOUND ONCE in ${file}` : testsFail(tests, titles) === undefined ? "NOT CAUGHT" : "caught";
  writeFileSync(compiled, whole);
  if (outcome !== "caught") missed++;
  console.log(`${outcome}: ${name} (${tests.map((test) => test.slice(test.lastIndexOf("/") + 1)).join(", ")})`);
}
console.log(`${chosen.length - missed} of ${chosen.length} caught`);
process.exitCode = missed === 0 ? 0 : 1;

/** Modules stay as they are: each is what tests and processes load, or is in the scripts of these anew. */
function mergeScripts() {
  execFileSync(process.execPath, ["scripts/build-entries.mjs", "scripts"], { cwd: copy, stdio: "inherit" });
}

/** What they said; undefined when they pass. One that does not end has noticed, too. */
function testsFail(tests, titles) {
  const { status, stdout } = spawnSync("npx", ["ava", "--timeout=60s", ...(titles === undefined ? [] : [`--match=${titles}`]), ...tests.filter((test) => exists.has(test))], { cwd: copy, encoding: "utf8", timeout: 400_000, killSignal: "SIGKILL", env: { ...process.env, SEEDS: "2000" } });
  return status === 0 ? undefined : `${stdout.split("\n").filter((line) => line.includes("✘")).join("\n")}\n${stdout.slice(-1500)}`;
}
