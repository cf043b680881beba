import type { AggregatorSpec, ShuffleSpec } from "../model/job-spec.js";

/** What folds values before they travel. */
export function combinerOf(shuffle: ShuffleSpec): AggregatorSpec | undefined {
  return shuffle.reduce.kind === "aggregate" ? shuffle.reduce.aggregator : shuffle.combine;
}

export function describeAggregator(aggregator: AggregatorSpec): string {
  const of = "field" in aggregator && aggregator.field !== undefined ? ` of ${aggregator.field}` : "";
  switch (aggregator.kind) {
    case "struct":
      return `{ ${aggregator.fields.map((field) => `${field.name}: ${describeAggregator(field.aggregator)}`).join(", ")} }`;
    case "topK":
      return `top ${aggregator.k}${aggregator.by === undefined ? "" : ` by ${aggregator.by}`}`;
    case "quantile":
      return `quantile ${aggregator.q}${of}`;
    default:
      return aggregator.kind + of;
  }
}
