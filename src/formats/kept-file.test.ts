import { appendFileSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { TaskFailure } from "../errors.js";
import type { InputFile } from "../model/split.js";
import { KeptFile } from "./kept-file.js";
import { PlainSource } from "./plain-source.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-kept-"));
test.after.always(() => rmSync(folder, { recursive: true }));

function written(name: string): InputFile {
  const path = join(folder, name);
  writeFileSync(path, "abcdef");
  utimesSync(path, 1000, 1000);
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return { path, size: Number(size), mtime: String(mtimeNs), compression: "none" };
}

/** Reads three bytes as one attempt does. */
function read(file: InputFile, start: number, kept: KeptFile): string {
  const source = new PlainSource(file, start, kept);
  try {
    const bytes = new Uint8Array(3);
    source.read(bytes);
    source.verifyUnchanged();
    return Buffer.from(bytes).toString();
  } finally {
    source.close();
  }
}

function failureOf(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as TaskFailure).failure.kind;
  }
}

test("a file that was found unchanged stays open for the next reader, which reads its own part", (t) => {
  const file = written("same");
  const kept = new KeptFile(() => 0);
  t.is(read(file, 0, kept), "abc");
  const open = kept.take(file.path)!;
  kept.keep(open);
  t.is(read(file, 3, kept), "def");
  t.is(kept.take(file.path)!.descriptor, open.descriptor);
  t.is(kept.take(file.path), undefined, "it is its taker's");
  kept.keep(open);
  kept.close();
});

test("a file that changes while it is kept is not taken for the one that was planned, and not kept any longer", (t) => {
  const file = written("changed");
  const kept = new KeptFile(() => 0);
  read(file, 0, kept);
  appendFileSync(file.path, "g");
  for (let attempt = 0; attempt < 2; attempt++) {
    t.is(failureOf(() => read(file, 3, kept)), "input-changed");
    t.is(kept.take(file.path), undefined);
  }
});

test("a file that vanishes while it is kept is missed", (t) => {
  const file = written("vanished");
  const kept = new KeptFile(() => 0);
  read(file, 0, kept);
  rmSync(file.path);
  t.is(failureOf(() => read(file, 3, kept)), "input-changed");
});

test("a file that another one has replaced, of the same size and time, is read to the end and then opened anew", (t) => {
  const file = written("replaced");
  const kept = new KeptFile(() => 0);
  read(file, 0, kept);
  const other = written("other");
  writeFileSync(other.path, "uvwxyz");
  utimesSync(other.path, 1000, 1000);
  renameSync(other.path, file.path);
  t.is(read(file, 3, kept), "def");
  t.is(kept.take(file.path), undefined);
  t.is(read(file, 3, kept), "xyz");
});

test("of several files the last is kept, and none whose reader did not come to its end", (t) => {
  const [one, two] = [written("one"), written("two")];
  const kept = new KeptFile(() => 0);
  read(one, 0, kept);
  read(two, 0, kept);
  t.is(kept.take(one.path), undefined);
  new PlainSource(two, 0, kept).close();
  t.is(kept.take(two.path), undefined);
});

test("a file that has been kept for long is opened anew, and looked at before anything is read", (t) => {
  const file = written("old");
  let now = 0;
  const kept = new KeptFile(() => now);
  read(file, 0, kept);
  appendFileSync(file.path, "g");
  now = 1_000;
  t.is(failureOf(() => new PlainSource(file, 3, kept)), "input-changed");
});
