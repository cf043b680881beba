import type { CustomAggregator } from "../../job/aggregators.js";
import { assertNever } from "../../model/assert-never.js";
import type { AggregatorSpec } from "../../model/job-spec.js";
import type { AggregateState } from "./aggregate-state.js";
import { columnKind, type ValueLayout } from "../value-layout.js";
import { valueReader } from "../value-reader.js";
import { ApproxDistinct } from "./approx-distinct.js";
import { Count } from "./count.js";
import { Collect } from "./collect.js";
import { CustomState } from "./custom-state.js";
import { countDistinct } from "./count-distinct.js";
import { ExtremeNumber } from "./extreme-number.js";
import { aggregateInput, type AggregateInput } from "./input-column.js";
import { Mean } from "./mean.js";
import { OrNull } from "./or-null.js";
import { pick } from "./pick.js";
import { Quantile } from "./quantile.js";
import { skipNulls } from "./skip-nulls.js";
import { StructState } from "./struct-state.js";
import { SumFloat64 } from "./sum-float64.js";
import { SumInt64 } from "./sum-int64.js";
import { TopK } from "./top-k.js";

/** The state that runs an aggregator over values of this layout. `custom` brings the functions of a custom one. */
export function createAggregate(spec: AggregatorSpec, layout: ValueLayout, custom?: CustomAggregator<never, never, unknown>): AggregateState {
  const input = aggregateInput(layout, "field" in spec ? spec.field : undefined);
  switch (spec.kind) {
    case "count":
      return new Count();
    case "sum":
      return skipNulls(input, sum);
    case "mean":
      return skipNulls(input, (numbers) => new Mean(sum(numbers)));
    case "min":
    case "max": {
      const { kind } = spec;
      const liesAsNumber = columnKind({ ...input.type, nullable: false }) !== "bytes";
      return liesAsNumber && input.type.nullable ? skipNulls(input, (numbers) => new OrNull(extreme(numbers, kind))) : extreme(input, kind);
    }
    case "first":
    case "last":
      return pick(input, spec.kind);
    case "collect":
      return new Collect(input);
    case "topK":
      return new TopK(spec.k, { type: layout.type, read: valueReader(layout) }, spec.by === undefined ? undefined : aggregateInput(layout, spec.by));
    case "quantile":
      return skipNulls(input, (numbers) => new Quantile(numbers, spec.q));
    case "countDistinct":
      return countDistinct(input);
    case "approxDistinct":
      return new ApproxDistinct(input);
    case "struct":
      return new StructState(spec.fields.map(({ name, aggregator }) => ({ name, state: createAggregate(aggregator, layout, custom) })));
    case "custom":
      if (custom === undefined) throw new Error("A custom aggregator needs its functions");
      return new CustomState(custom, layout);
    default:
      return assertNever(spec);
  }
}

function extreme(input: AggregateInput, rule: "min" | "max"): AggregateState {
  return columnKind(input.type) === "float64" ? new ExtremeNumber(input, rule) : pick(input, rule);
}

function sum(input: AggregateInput): SumFloat64 | SumInt64 {
  return input.type.kind === "int64" ? new SumInt64(input) : new SumFloat64(input);
}
