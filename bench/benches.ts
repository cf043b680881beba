import type { Bench } from "./harness/bench.js";
import { builtInWords } from "./p1-words.bench.js";
import { plainMap } from "./p2-plain-map.bench.js";
import { stations } from "./p3-stations.bench.js";
import { teraSort } from "./p4-sort.bench.js";
import { groupBy } from "./p5-group-by.bench.js";
import { join } from "./p6-join.bench.js";
import { startUp } from "./p7-start.bench.js";
import { emptyTasks } from "./p8-tasks.bench.js";
import { schedulerScale } from "./p9-scheduler.bench.js";
import { memoryBudget } from "./p10-memory.bench.js";
import { blockFetch } from "./p11-fetch.bench.js";
import { shapesOfData } from "./shapes.bench.js";

/** All benches, one for each claim, and one of many shapes of data. */
export const benches: readonly Bench[] = [builtInWords, plainMap, stations, teraSort, groupBy, join, startUp, emptyTasks, schedulerScale, memoryBudget, blockFetch, shapesOfData];
