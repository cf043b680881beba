import test from "ava";
import { ThreadKernels } from "./thread-kernels.js";

const PAGE = 65536;

test("who asks again gets the same instance while it is large enough", (t) => {
  for (const grows of [false, true]) {
    const kernels = new ThreadKernels({ grows });
    const first = kernels.get(2 * PAGE);
    t.is(kernels.get(PAGE), first);
    t.is(first.memory.length, 2 * PAGE);
  }
});

test("one that does not grow leaves what it gave to those who have it", (t) => {
  const kernels = new ThreadKernels();
  const { memory } = kernels.get(PAGE);
  t.not(kernels.get(3 * PAGE).memory.buffer, memory.buffer);
  t.is(memory.length, PAGE);
});

test("one that grows keeps its content, and has the most that there may be", (t) => {
  const kernels = new ThreadKernels({ grows: true });
  const first = kernels.get(PAGE);
  first.memory[PAGE - 1] = 7;
  t.is(kernels.get(3 * PAGE), first);
  t.deepEqual([first.memory.length, first.memory[PAGE - 1], first.memory[PAGE]], [3 * PAGE, 7, 0]);
  t.is(kernels.get(Infinity).memory.length, 2 ** 30);
});
