import test from "ava";
import { NO_TROUBLE, scenarioOf } from "./scenario.js";
import { runScale } from "./scale-run.js";
import { simulate } from "./simulate.js";

const only = process.env["SEED"];
const seeds = Number(process.env["SEEDS"] ?? 10_000);

test("whatever goes wrong, every job ends, with each task committed once and each reduce made of committed maps", (t) => {
  t.timeout(30 * 60_000);
  const from = only === undefined ? 1 : Number(only);
  const to = only === undefined ? seeds : from;
  const outcomes = new Map<string, number>();
  let virtualMillis = 0;
  for (let seed = from; seed <= to; seed++) {
    const run = simulate(seed);
    if (only !== undefined) t.log(run.scenario, ...run.stories, run.outcomes);
    if (run.problems.length > 0) {
      t.fail(`Seed ${seed}: ${run.problems.join("\n")}\nReplay with its stories: SEED=${seed} npx ava src/testing/simulation/simulation.test.ts`);
      return;
    }
    for (const outcome of run.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    virtualMillis += run.virtualMillis;
  }
  t.log(`${to - from + 1} seeds, ${(virtualMillis / 3_600_000).toFixed(1)} simulated hours`, Object.fromEntries(outcomes));
  // Jobs that give up too easily would pass all other checks.
  t.true(only !== undefined || (outcomes.get("done") ?? 0) > 0.7 * [...outcomes.values()].reduce((sum, count) => sum + count, 0));
});

test("a host whose worker ends and starts again every two seconds ends no job while there is another host", (t) => {
  for (let seed = 1; seed <= 300; seed++) {
    const { jobs, slots, ...rest } = scenarioOf(seed);
    const quiet = { ...rest, ...NO_TROUBLE, jobs: jobs.map((job) => ({ ...job, cancelAt: undefined })), slots: [2, ...slots] };
    const run = simulate(seed, { ...quiet, flapping: { host: 0, farewell: seed % 2 === 0 } });
    t.deepEqual([run.problems, run.outcomes], [[], jobs.map(() => "done")], `seed ${seed}`);
  }
});

test("where all workers end and start again, no task is given up for what waited at a worker and never began", (t) => {
  let givenUp = 0;
  for (let seed = 1; seed <= 1_000; seed++) {
    const { jobs, slots, ...rest } = scenarioOf(seed);
    const run = simulate(seed, { ...rest, ...NO_TROUBLE, kill: 0.1, taskMillis: 1, jobs: jobs.map((job) => ({ ...job, cancelAt: undefined })), slots: slots.slice(0, 2) });
    t.deepEqual(run.problems, [], `seed ${seed}`);
    givenUp += run.outcomes.filter((outcome) => outcome === "failed: worker-lost").length;
  }
  t.true(givenUp > 10, `${givenUp}`);
});

test("hosts that never reach each other, be it two or one and all others, end no job, and it takes less than twice as long on average", (t) => {
  let cut = 0;
  let whole = 0;
  for (let seed = 1; seed <= 600; seed++) {
    const { jobs, slots, ...rest } = scenarioOf(seed);
    const hosts = [2, ...slots];
    const others = seed % 2 === 0 ? [1] : slots.map((_, other) => other + 1);
    const quiet = { ...rest, ...NO_TROUBLE, jobs: jobs.map((job) => ({ ...job, cancelAt: undefined })), slots: hosts };
    const run = simulate(seed, { ...quiet, cutHosts: others.map((other) => [0, other] as const) });
    t.deepEqual([run.problems, run.outcomes], [[], jobs.map(() => "done")], `seed ${seed}`);
    cut += run.virtualMillis;
    whole += simulate(seed, quiet).virtualMillis;
  }
  t.log(`${(cut / whole).toFixed(2)} times as long as without cuts`);
  t.true(cut < 2 * whole);
});

test("the same seed gives the same run", (t) => {
  for (const seed of [1, 2, 3, 500]) t.deepEqual(simulate(seed), simulate(seed));
});

test("a job of 10,000 tasks on 100 workers, one of which dies, comes within a tenth of the ideal time", (t) => {
  const run = runScale(100, 10_000);
  t.is(run.outcome, "done");
  t.is(run.committed, 10_000);
  t.true(run.makespan < 1.1 * run.ideal, `${run.makespan} ms, ideal ${run.ideal}`);
});
