import type { GatherRule } from "./gathered.js";

/** All values, in order. */
export const collectRule: GatherRule = { finish: (values) => values, keepsNull: true };

/** The value below which a share `q` of the values lies, linear between neighbours; null of no values. */
export function quantileRule(q: number): GatherRule {
  return {
    keepsNull: false,
    finish(values) {
      if (values.length === 0) return null;
      const sorted = Float64Array.from(values as (number | bigint)[], Number).sort();
      const place = (sorted.length - 1) * q;
      const below = sorted[Math.floor(place)]!;
      const above = sorted[Math.ceil(place)]!;
      const share = place - Math.floor(place);
      return share === 0 ? below : below * (1 - share) + above * share;
    },
  };
}
