/** Finds the columns that a job asks for in an Arrow file, and how each is read. */
import { describeArrowType, type ArrowField } from "../columnar/ipc-schema.js";
import type { InputSpec } from "../model/job-spec.js";
import type { TypeSpec } from "../model/type-spec.js";
import { decoderFor } from "./arrow-decoder.js";
import { TypeMismatch, type Decoder } from "./arrow-values.js";

export type ArrowInput = InputSpec & { readonly format: "arrow" };

export interface WantedColumn {
  readonly name: string;
  readonly field: ArrowField;
  /** Its place in the file's schema. */
  readonly index: number;
  /** True for a schema's nullable types; without a schema it depends on the data. */
  readonly nullable: boolean;
  readonly decoder: Decoder;
}

/** A schema's columns, or the named ones, or all. Throws TypeMismatch when one is missing, ambiguous or of another type. */
export function columnsWanted(spec: ArrowInput, fields: readonly ArrowField[]): WantedColumn[] {
  const wanted: readonly { readonly name: string; readonly type?: TypeSpec }[] = spec.schema ?? (spec.columns ?? fields.map((field) => field.name)).map((name) => ({ name }));
  return wanted.map(({ name, type }) => {
    const index = fields.findIndex((field) => field.name === name);
    const field = fields[index];
    if (field === undefined) {
      throw new TypeMismatch(`column "${name}" is not there; the file has ${fields.map((each) => `${each.name}: ${describeArrowType(each)}`).join(", ") || "no columns"}`);
    }
    if (fields.some((other, i) => i !== index && other.name === name)) throw new TypeMismatch(`two columns are called "${name}"`);
    return { name, field, index, nullable: type?.nullable ?? false, decoder: decoderFor(field, type) };
  });
}
