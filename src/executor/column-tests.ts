/** Comparisons of a column with a constant where its values lie, without an object or a string for a value. Their plain twin is `comparing`. */
import type { BytesColumn } from "../columnar/columns.js";
import { compareBytes } from "../columnar/kernels/compare-bytes.js";
import { NullableNumbers, NullableTexts } from "../columnar/nullable-columns.js";
import { NumberedColumn } from "../columnar/numbered-column.js";
import type { Condition } from "../job/column-expressions.js";
import type { Utf8Column } from "../job/record-batch.js";
import { wellFormed } from "../shuffle/coded-keys.js";
import type { AnyColumn } from "./column-codes.js";
import { HOLDS, plain, type Holds, type Plain } from "./expression-functions.js";

/** Whether a row of the open chunk stays. */
export type Test = (row: number) => boolean;

/** Undefined for a column whose values lie otherwise, or that the reader has numbered: then a test for each different value costs less. */
export function columnTest({ comparison, constant }: Condition, column: AnyColumn): Test | undefined {
  const nulls = column instanceof NullableNumbers || column instanceof NullableTexts ? column.nulls : undefined;
  if (comparison === "isNull") return nulls && ((row) => nulls[row] === 1);
  if (comparison === "isNotNull") return nulls && ((row) => nulls[row] === 0);
  const test = presentTest(column, HOLDS[comparison], comparison, constant!);
  return nulls === undefined || test === undefined ? test : (row) => nulls[row] === 0 && test(row);
}

/** Of a row that is not null. */
function presentTest(column: AnyColumn, holds: Holds, comparison: string, constant: NonNullable<Condition["constant"]>): Test | undefined {
  if (typeof constant === "string") {
    const texts = column instanceof NullableTexts ? column.texts : column;
    if (!("offsets" in texts)) return undefined;
    return textTest(texts, holds, comparison, Buffer.from(constant));
  }
  const numbers = column instanceof NullableNumbers ? column.present : column;
  if (numbers instanceof NumberedColumn) return typeof constant === "number" || typeof constant === "bigint" ? undefined : numberTest(numbers.numbers, holds, Number(constant));
  return "get" in numbers || "codes" in numbers ? undefined : numberTest(numbers, holds, plain(constant));
}

function numberTest(numbers: { readonly [row: number]: number | bigint }, holds: Holds, constant: Plain): Test {
  return (row) => holds(numbers[row]!, constant);
}

function textTest(texts: Utf8Column, holds: Holds, comparison: string, constant: Uint8Array): Test {
  const { offsets, bytes } = wellFormed(bytesOf(texts), texts.length);
  const order = (row: number): number => compareBytes(bytes, offsets[row]!, offsets[row + 1]!, constant, 0, constant.length);
  if (comparison !== "eq" && comparison !== "ne") return (row) => holds(order(row), 0);
  const isEqual = comparison === "eq";
  return (row) => (offsets[row + 1]! - offsets[row]! === constant.length && order(row) === 0) === isEqual;
}

function bytesOf({ offsets, bytes }: Utf8Column): BytesColumn {
  return { kind: "bytes", offsets, bytes };
}
