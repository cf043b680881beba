/** `node dist/testing/simulation/scale.js [workers] [tasks]`: how many events a second the scheduler handles. */
import { cpus } from "node:os";
import { runScale } from "./scale-run.js";
import { answerHelp } from "../usage.js";

answerHelp("node dist/testing/simulation/scale.js [workers; default 10000] [tasks; default 1000000]");

const workers = Number(process.argv[2] ?? 10_000);
const tasks = Number(process.argv[3] ?? 1_000_000);
const start = performance.now();
const run = runScale(workers, tasks);
const seconds = (performance.now() - start) / 1000;
// Of all threads, garbage collection too: what other processes take does not count.
const { user, system } = process.cpuUsage();
const cpuSeconds = (user + system) / 1e6;
const whole = (n: number) => Math.round(n).toLocaleString("en");

console.log(`${whole(workers)} workers, ${whole(tasks)} tasks on ${cpus()[0]?.model ?? "an unknown CPU"}, Node ${process.version}`);
console.log(`job ${run.outcome}: ${whole(run.launches)} attempts launched, ${whole(run.committed)} committed`);
console.log(`${whole(run.events)} events in ${seconds.toFixed(1)} s, the virtual cluster's own time included: ${whole(run.events / seconds)} events/s, ${whole(run.launches / seconds)} tasks/s`);
console.log(`${cpuSeconds.toFixed(1)} s of processor time: ${whole(run.events / cpuSeconds)} events for each of them`);
console.log(`largest resident memory ${whole(process.resourceUsage().maxRSS / 1024)} MiB`);
console.log(`makespan ${whole(run.makespan / 1000)} s of virtual time, ${((run.makespan / run.ideal - 1) * 100).toFixed(1)}% over the ideal of ${whole(run.ideal / 1000)} s`);
