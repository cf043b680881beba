import type { TypeSpec } from "../../model/type-spec.js";
import { ByteSink } from "../byte-sink.js";
import { encoderFor } from "../codec.js";
import type { GatherRule } from "./gathered.js";

/** All values, in order. */
export const collectRule: GatherRule = { finish: (values) => values, keepsNull: true };

/** The `k` largest, largest first; by a member where `by` names one, ties by the whole value. */
export function topKRule(k: number, type: TypeSpec, by: string | undefined): GatherRule {
  const member = type.kind === "struct" ? type.fields.find((field) => field.name === by) : undefined;
  const order = keyOf(type);
  const memberOrder = member && keyOf(member.type);
  const largest = (values: unknown[]): unknown[] =>
    values
      .map((value) => ({ value, by: memberOrder?.((value as Record<string, unknown>)[by!]), own: order(value) }))
      .sort((a, b) => (a.by && b.by ? Buffer.compare(b.by, a.by) : 0) || Buffer.compare(b.own, a.own))
      .slice(0, k)
      .map(({ value }) => value);
  return { shorten: largest, finish: largest, keepsNull: true };
}

/** How many different values; null is left out. */
export function countDistinctRule(type: TypeSpec): GatherRule {
  const order = keyOf(type);
  const distinct = (values: unknown[]): unknown[] => [...new Map(values.map((value) => [order(value).toString("latin1"), value])).values()];
  return { shorten: distinct, finish: (values) => distinct(values).length, keepsNull: false };
}

/** The value below which a share `q` of the values lies, linear between neighbours; NaN of no values. */
export function quantileRule(q: number): GatherRule {
  return {
    keepsNull: false,
    finish(values) {
      if (values.length === 0) return NaN;
      const sorted = Float64Array.from(values as (number | bigint)[], Number).sort();
      const place = (sorted.length - 1) * q;
      const below = sorted[Math.floor(place)]!;
      const above = sorted[Math.ceil(place)]!;
      const share = place - Math.floor(place);
      return share === 0 ? below : below * (1 - share) + above * share;
    },
  };
}

/** Bytes that order as the values do. */
function keyOf(type: TypeSpec): (value: unknown) => Buffer {
  const encode = encoderFor(type);
  const sink = new ByteSink();
  return (value) => {
    sink.clear();
    encode(value, sink);
    return Buffer.from(sink.view());
  };
}
