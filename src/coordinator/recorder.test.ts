import test from "ava";
import { workerId } from "../model/ids.js";
import { decodeEntries, type JournalEntry } from "./journal-entry.js";
import { JournalRecorder } from "./recorder.js";

/** A disk whose writes a test lets end. */
class SlowDisk {
  readonly frames: JournalEntry[][] = [];
  readonly #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  current = true;
  closed = false;
  onAppend: () => void = () => {};

  append(payload: Uint8Array): Promise<void> {
    this.frames.push(decodeEntries(payload));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.onAppend();
    });
  }

  beginAnew(payload: Uint8Array): Promise<void> {
    this.frames.length = 0;
    return this.append(payload);
  }

  get bytes(): number {
    return this.frames.length;
  }

  isCurrent(): boolean {
    return this.current;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** Resolves when the next write has begun. */
  written(): Promise<void> {
    return new Promise((resolve) => (this.onAppend = resolve));
  }

  end(error?: Error): void {
    const write = this.#waiting.shift()!;
    if (error === undefined) write.resolve();
    else write.reject(error);
  }
}

const lost = (at: number): JournalEntry => ({ type: "event", event: { type: "worker-lost", at, worker: workerId("a"), reason: "gone" } });

test("nothing comes of an entry before it is durable; those that come meanwhile share the next write", async (t) => {
  const disk = new SlowDisk();
  const recorder = new JournalRecorder(disk, () => t.fail());
  const effects: number[] = [];
  const begun = disk.written();
  const first = recorder.record(lost(1), () => effects.push(1));
  await begun;
  const others = Promise.all([2, 3, 4].map((at) => recorder.record(lost(at), () => effects.push(at))));
  t.deepEqual(effects, []);
  const second = disk.written();
  disk.end();
  await first;
  await second;
  t.deepEqual(effects, [1]);
  disk.end();
  await others;
  t.deepEqual(effects, [1, 2, 3, 4]);
  t.deepEqual(disk.frames, [[lost(1)], [lost(2), lost(3), lost(4)]]);
});

test("an effect without an entry waits for the entries before it, and one that may be lost goes with the next write", async (t) => {
  const disk = new SlowDisk();
  const recorder = new JournalRecorder(disk, () => t.fail());
  const effects: string[] = [];
  recorder.note(lost(1));
  const begun = disk.written();
  const first = recorder.record(lost(2), () => effects.push("entry"));
  const second = recorder.record(undefined, () => effects.push("none"));
  await begun;
  t.deepEqual(effects, []);
  disk.end();
  await Promise.all([first, second]);
  await recorder.record(undefined, () => effects.push("nothing to write"));
  t.deepEqual(effects, ["entry", "none", "nothing to write"]);
  t.deepEqual(disk.frames, [[lost(1), lost(2)]]);
});

test("entries that replace all before them stand for those that were not written yet, too, and effects keep their order", async (t) => {
  const disk = new SlowDisk();
  const recorder = new JournalRecorder(disk, () => t.fail());
  const effects: number[] = [];
  const begun = disk.written();
  const first = recorder.record(lost(1), () => effects.push(1));
  await begun;
  const second = recorder.record(lost(2), () => effects.push(2));
  const replaced = recorder.replace([lost(10), lost(11)]);
  const third = recorder.record(lost(12), () => effects.push(12));
  const again = disk.written();
  disk.end();
  await first;
  await again;
  disk.end();
  await Promise.all([second, replaced, third]);
  t.deepEqual(effects, [1, 2, 12]);
  t.deepEqual(disk.frames, [[lost(10), lost(11), lost(12)]]);
});

for (const [name, fail] of [["a write fails", (disk: SlowDisk) => disk.end(new Error("ENOSPC: no space left"))], ["another coordinator is in charge", (disk: SlowDisk) => ((disk.current = false), disk.end())]] as const) {
  test(`when ${name}, nothing comes of what was being written or of anything later, and the reason is told once`, async (t) => {
    const disk = new SlowDisk();
    const reasons: unknown[] = [];
    const broken = new Promise<void>((resolve) => {
      const recorder = new JournalRecorder(disk, (error) => {
        reasons.push(error instanceof Error ? error.message : error);
        resolve();
      });
      disk.onAppend = () => fail(disk);
      void recorder.record(lost(1), () => t.fail("had an effect"));
      void recorder.record(lost(2), () => t.fail("had an effect"));
    });
    await broken;
    t.deepEqual(reasons, [name === "a write fails" ? "ENOSPC: no space left" : undefined]);
    t.is(disk.frames.length, 1);
  });
}
