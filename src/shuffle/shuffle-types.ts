import type { AggregateState } from "../columnar/aggregates/aggregate-state.js";
import { createAggregate } from "../columnar/aggregates/create-aggregate.js";
import { planAggregate } from "../columnar/aggregates/plan-aggregate.js";
import type { ColumnKind } from "../columnar/columns.js";
import { valueLayout, type ValueLayout } from "../columnar/value-layout.js";
import type { CustomAggregator } from "../job/aggregators.js";
import type { ShuffleSpec } from "../model/job-spec.js";

/** What lies in which column on each side of a shuffle; map and reduce tasks derive the same from the job. */
export interface ShuffleTypes {
  /** Values as `emit` takes them. */
  readonly emitted: ValueLayout;
  /** Value columns of the blocks between map and reduce. */
  readonly kinds: readonly ColumnKind[];
  /** Accumulators of the aggregator or the combiner, where there is one. */
  readonly newState?: () => AggregateState;
}

export function shuffleTypes(spec: ShuffleSpec, custom: CustomAggregator<never, never, unknown> | undefined): ShuffleTypes {
  const aggregator = spec.reduce.kind === "aggregate" ? spec.reduce.aggregator : spec.combine;
  if (aggregator === undefined) {
    const emitted = valueLayout(spec.value, false);
    return { emitted, kinds: emitted.kinds };
  }
  const emitted = valueLayout(spec.value, planAggregate(aggregator, spec.value).flatten);
  const newState = (): AggregateState => createAggregate(aggregator, emitted, custom);
  // A combiner's results travel as values again; an aggregator's partial results as they are.
  return { emitted, newState, kinds: spec.reduce.kind === "aggregate" ? newState().kinds : valueLayout(spec.value, false).kinds };
}
