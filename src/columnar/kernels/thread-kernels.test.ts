import test from "ava";
import { ThreadKernels } from "./thread-kernels.js";

const PAGE = 65536;

test("who asks again gets the same instance while it is large enough, and the one before keeps a smaller one", (t) => {
  const kernels = new ThreadKernels();
  const first = kernels.get(2 * PAGE);
  t.is(kernels.get(PAGE), first);
  t.is(kernels.get(3 * PAGE).memory.length, 3 * PAGE);
  t.is(first.memory.length, 2 * PAGE);
});

test("where it is known how much somebody will ask for, all get the same instance", (t) => {
  const kernels = new ThreadKernels(3 * PAGE);
  t.is(kernels.get(PAGE), kernels.get(3 * PAGE));
  t.is(kernels.get(PAGE).memory.length, 3 * PAGE);
});
