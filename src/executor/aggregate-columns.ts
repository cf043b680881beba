/** An aggregator's results as columns, for outputs that take those: what aggregate-rows.ts makes rows of, a column at a time. */
import type { AggregateState } from "../columnar/aggregates/aggregate-state.js";
import type { MergeState } from "../columnar/aggregates/merged-summaries.js";
import { decoderFor } from "../columnar/codec.js";
import type { BytesColumn, ResultColumn } from "../columnar/columns.js";
import { memberColumns } from "../columnar/member-columns.js";
import type { MemberKernels } from "../columnar/member-kernel.js";
import type { TypeSpec } from "../model/type-spec.js";
import { isSpread } from "./aggregate-rows.js";

/** The columns of the first `rows` keys: one, or one for each member of a struct. They hold until the next call. */
export function columnsOfKeys(key: TypeSpec, kernels: MemberKernels): (keys: BytesColumn, rows: number) => ResultColumn[] {
  // Its encoded form is its UTF-8.
  if (key.kind === "utf8" && !key.nullable) return (keys) => [keys];
  if (key.kind === "struct" && isSpread(key)) return memberColumns(key.fields, kernels);
  const decode = decoderFor(key);
  if (!key.nullable && (key.kind === "int32" || key.kind === "float64")) {
    return ({ offsets, bytes }, rows) => {
      const values = new Float64Array(rows);
      for (let row = 0; row < rows; row++) values[row] = decode(bytes, offsets[row]!, offsets[row + 1]!) as number;
      return [{ kind: "float64", values }];
    };
  }
  return ({ offsets, bytes }, rows) => {
    const values = new Array<unknown>(rows);
    for (let row = 0; row < rows; row++) values[row] = decode(bytes, offsets[row]!, offsets[row + 1]!);
    return [{ kind: "values", values }];
  };
}

/** The columns of groups' results; undefined where only rows can be made of them. */
export function columnsOfResults({ finishColumns }: AggregateState, result: TypeSpec): ((groups: Int32Array, state: MergeState) => ResultColumn[]) | undefined {
  if (finishColumns !== undefined) return (groups, state) => state.finishColumns!(groups);
  if (isSpread(result)) return undefined;
  return (groups, state) => [{ kind: "values", values: Array.from(groups, (group) => state.finish(group)) }];
}
