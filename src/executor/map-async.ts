/**
 * The map loop for an async map: up to `concurrency` records are in flight. Each record's emits are kept
 * until its map is done and then replayed in record order, so the output does not depend on who finished first.
 */
import { BadRecordError } from "../errors.js";
import { mapContext } from "./map-context.js";
import type { MapRun } from "./run-map.js";

interface InFlight {
  readonly offset: number;
  readonly raw: string;
  readonly emits: unknown[][];
  readonly done: Promise<{ readonly error?: unknown; readonly failed: boolean }>;
}

/** Maps the rest of the loaded chunk, and returns when all of its records are done. */
export async function mapAsync(run: MapRun): Promise<void> {
  const { reader, faults } = run;
  const { concurrency } = run.scope.job.spec.map;
  const inFlight: InFlight[] = [];
  try {
    for (;;) {
      let more: boolean;
      try {
        more = reader.next();
      } catch (error) {
        // Bad records, too, are counted in the order of the input.
        while (inFlight.length > 0) await settleFirst(run, inFlight);
        if (!(error instanceof BadRecordError)) throw error;
        faults.take(error);
        continue;
      }
      if (!more) break;
      run.scope.monitor.records++;
      inFlight.push(start(run));
      if (inFlight.length >= concurrency) await settleFirst(run, inFlight);
    }
    while (inFlight.length > 0) await settleFirst(run, inFlight);
  } finally {
    // When one record has ended the attempt, the others must not go on behind its back.
    await Promise.all(inFlight.map((record) => record.done));
  }
}

function start({ scope, reader, faults, call }: MapRun): InFlight {
  const { offset, record } = reader;
  const emits: unknown[][] = [];
  const emit = (...out: unknown[]): void => void emits.push(out);
  // A view of the reader's memory would change under an async map.
  const own = record instanceof Uint8Array ? record.slice() : record;
  const context = mapContext(scope.context, { offset }, faults.file);
  const done = (async () => call(own, emit, context))().then(
    () => ({ failed: false }),
    (error: unknown) => ({ failed: true, error }),
  );
  return { offset, raw: reader.raw(), emits, done };
}

async function settleFirst({ sink, faults }: MapRun, inFlight: InFlight[]): Promise<void> {
  const { done, emits, offset, raw } = inFlight[0]!;
  const { failed, error } = await done;
  inFlight.shift();
  try {
    if (failed) throw error;
    for (const out of emits) sink.emit(...out);
    sink.settle();
  } catch (thrown) {
    if (sink.broken !== undefined) throw sink.broken;
    faults.takeMapped(thrown, offset, raw);
  }
}
