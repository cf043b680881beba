import { compareBytes } from "../columnar/kernels/compare-bytes.js";
import type { BytesColumn, Column } from "../columnar/columns.js";
import type { JobDefinition } from "../job/define-job.js";
import type { ShuffleSpec } from "../model/job-spec.js";
import type { ReadValue } from "../shuffle/groups.js";
import type { CompareValues } from "../shuffle/sorted-rows.js";

/** The order that `sortValues` asks for among the values of a key; undefined leaves them in the order of the input. */
export function valueOrder({ sortValues }: ShuffleSpec, given: JobDefinition["sortValues"], read: ReadValue): CompareValues | undefined {
  switch (sortValues) {
    case "none":
      return undefined;
    case "comparator": {
      const compare = given as unknown as (left: unknown, right: unknown) => number;
      return (left, leftRow, right, rightRow) => compare(read(left, leftRow), read(right, rightRow));
    }
    case "ascending":
      return compareColumns;
    case "descending":
      return (left, leftRow, right, rightRow) => compareColumns(right, rightRow, left, leftRow);
  }
}

/** By value: numbers as numbers (NaN last), all else by its encoded bytes. */
function compareColumns([left]: readonly Column[], leftRow: number, [right]: readonly Column[], rightRow: number): number {
  if (left!.kind === "bytes") {
    const other = right as BytesColumn;
    return compareBytes(left!.bytes, left!.offsets[leftRow]!, left!.offsets[leftRow + 1]!, other.bytes, other.offsets[rightRow]!, other.offsets[rightRow + 1]!);
  }
  const a = left!.values[leftRow]!;
  const b = (right as typeof left & object as { values: ArrayLike<number | bigint> }).values[rightRow]!;
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
