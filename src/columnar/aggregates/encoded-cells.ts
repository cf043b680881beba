import type { TypeSpec } from "../../model/type-spec.js";
import type { BytesColumn, Column } from "../columns.js";
import { encodedNumbers } from "../encoded-numbers.js";
import { numbersOf } from "../made-columns.js";

/** A column as encoded bytes, whatever its kind. */
export function encodedCells(type: TypeSpec, column: Column, rows: number): BytesColumn {
  return column.kind === "bytes" ? column : encodedNumbers(numbersOf(column), type, rows);
}
