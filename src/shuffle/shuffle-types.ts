import type { AggregateState } from "../columnar/aggregates/aggregate-state.js";
import { createAggregate } from "../columnar/aggregates/create-aggregate.js";
import { planAggregate } from "../columnar/aggregates/plan-aggregate.js";
import type { ColumnKind } from "../columnar/columns.js";
import { valueLayout, type ValueLayout } from "../columnar/value-layout.js";
import type { CustomAggregator } from "../job/aggregators.js";
import type { KeyBytesOptions } from "../job/operators.js";
import { passesLines } from "../plan/passes-lines.js";
import type { JobSpec, ShuffleSpec } from "../model/job-spec.js";

/** What lies in which column on each side of a shuffle; map and reduce tasks derive the same from the job. */
export interface ShuffleTypes {
  /** Values as `emit` takes them. */
  readonly emitted: ValueLayout;
  /** Value columns that a reduce works with. */
  readonly kinds: readonly ColumnKind[];
  /** Value columns of the blocks between map and reduce: none where a key is a part of its record, for then records travel in place of keys. */
  readonly blockKinds: readonly ColumnKind[];
  /** Which bytes of such a record. */
  readonly keyBytes?: KeyBytesOptions | undefined;
  /** Each value is its key, as it is encoded, so that keys alone travel and are sorted. */
  readonly keysOnly?: boolean;
  /** Accumulators of the aggregator or the combiner, where there is one. */
  readonly newState?: () => AggregateState;
}

/** What tells that records travel whole, in place of keys and values. */
export type WholeRecords = Pick<ShuffleTypes, "keyBytes" | "keysOnly">;

export function shuffleTypes(spec: ShuffleSpec, custom: CustomAggregator<never, never, unknown> | undefined, { keyBytes, keysOnly }: WholeRecords = {}): ShuffleTypes {
  const aggregator = spec.reduce.kind === "aggregate" ? spec.reduce.aggregator : spec.combine;
  if (aggregator === undefined) {
    const emitted = valueLayout(spec.value, false);
    if (keysOnly) return { emitted, kinds: [], blockKinds: [], keysOnly: true };
    return { emitted, kinds: emitted.kinds, blockKinds: keyBytes === undefined ? emitted.kinds : [], keyBytes };
  }
  const emitted = valueLayout(spec.value, planAggregate(aggregator, spec.value).flatten);
  const newState = (): AggregateState => createAggregate(aggregator, emitted, custom);
  // A combiner's results travel as values again; an aggregator's partial results as they are.
  const kinds = spec.reduce.kind === "aggregate" ? newState().kinds : valueLayout(spec.value, false).kinds;
  return { emitted, newState, kinds, blockKinds: kinds };
}

/** Which bytes of its records a job takes as keys by `keyBytes`, when it moves whole records and nothing combines them on the way. */
export function keyBytesOf({ map, shuffle, input }: JobSpec): KeyBytesOptions | undefined {
  if (map.operator?.name !== "keyBytes" || input.format !== "records" || shuffle === undefined || shuffle.reduce.kind === "aggregate" || shuffle.combine !== undefined) return undefined;
  return map.operator.options as KeyBytesOptions;
}

export function wholeRecordsOf(job: JobSpec): WholeRecords {
  return { keyBytes: keyBytesOf(job), keysOnly: passesLines(job) };
}
