import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import { Mailbag } from "./mailbag.js";

/** A bag whose letters are answered when the test says so. */
function bag(longestHold?: number): { readonly mail: Mailbag<number>; readonly carried: (readonly number[])[]; readonly answers: (() => void)[] } {
  const carried: (readonly number[])[] = [];
  const answers: (() => void)[] = [];
  const mail = new Mailbag<number>((letters) => {
    carried.push(letters);
    return new Promise<void>((resolve) => answers.push(resolve));
  }, longestHold);
  return { mail, carried, answers };
}

test("letters of one turn travel together, in order", async (t) => {
  const { mail, carried } = bag();
  for (const letter of [1, 2, 3]) mail.post(letter);
  t.deepEqual(carried, []);
  await turn();
  t.deepEqual(carried, [[1, 2, 3]]);
});

test("those that are posted while others are under way wait for the answer, and then travel together", async (t) => {
  const { mail, carried, answers } = bag(60_000);
  mail.post(1);
  await turn();
  mail.post(2);
  await turn();
  mail.post(3);
  await turn();
  t.deepEqual(carried, [[1]]);
  answers[0]!();
  await turn();
  await turn();
  t.deepEqual(carried, [[1], [2, 3]]);
  t.false(mail.isIdle);
  answers[1]!();
  await turn();
  t.true(mail.isIdle);
  mail.post(4);
  await turn();
  t.deepEqual(carried, [[1], [2, 3], [4]]);
});

test("they do not wait long for an answer that does not come, and no letter goes twice", async (t) => {
  const { mail, carried, answers } = bag(1);
  mail.post(1);
  await turn();
  mail.post(2);
  while (carried.length < 2) await turn();
  t.deepEqual(carried, [[1], [2]]);
  mail.post(3);
  answers[0]!();
  answers[1]!();
  while (carried.length < 3) await turn();
  t.deepEqual(carried, [[1], [2], [3]]);
});
