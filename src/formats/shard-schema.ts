/**
 * How the records of an input lie in Arrow shards, which `millrace shard` writes so that arrow() reads them
 * again. Records that are no objects get a column of their own; objects keep their members as columns, typed
 * by the schema or, without one, by their first values.
 */
import { assertNever } from "../model/assert-never.js";
import type { InputSpec, OutputSpec } from "../model/job-spec.js";
import type { TypeSpec } from "../model/type-spec.js";

export interface ShardPlan {
  readonly output: OutputSpec & { readonly format: "arrow" };
  /** The row for a record as the input's reader gives it. */
  toRow(record: unknown): object;
}

export function shardPlan(input: InputSpec): ShardPlan {
  switch (input.format) {
    case "text":
      return oneColumn("line", { kind: "utf8", nullable: false });
    case "records":
      return oneColumn("record", { kind: "binary", nullable: false });
    case "files":
      return {
        output: { format: "arrow", schema: [{ name: "path", type: { kind: "utf8", nullable: false } }, { name: "bytes", type: { kind: "binary", nullable: false } }] },
        toRow: (file) => file as object,
      };
    case "jsonl":
      // Values of free form have no columns in common.
      return input.schema === undefined ? oneColumn("value", { kind: "json", nullable: true }) : members({ schema: input.schema });
    case "csv":
    case "tsv":
      if (input.schema !== undefined) return members({ schema: input.schema });
      return input.header ? members({}) : { output: { format: "arrow" }, toRow: (fields) => numbered(fields as readonly string[]) };
    case "arrow":
      return members(input.schema === undefined ? {} : { schema: input.schema });
    default:
      return assertNever(input);
  }
}

function oneColumn(name: string, type: TypeSpec): ShardPlan {
  return { output: { format: "arrow", schema: [{ name, type }] }, toRow: (record) => ({ [name]: record }) };
}

function members(schema: Pick<OutputSpec & { format: "arrow" }, "schema">): ShardPlan {
  return { output: { format: "arrow", ...schema }, toRow: (record) => record as object };
}

/** Fields without a header: `column1`, `column2` and so on. */
function numbered(fields: readonly string[]): object {
  return Object.fromEntries(fields.map((field, i) => [`column${i + 1}`, field]));
}
