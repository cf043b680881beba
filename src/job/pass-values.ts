/** A reduce that Millrace knows, so that it can move whole columns instead of calling a function for each key. */
export interface PassValues {
  readonly passes: "values";
}

/**
 * Writes each value as a row: all values of a part in the order of their keys, values of one key in the order of
 * the input or of `sortValues`. With `partition: range()` the parts, one after another, are in order: a sort.
 */
export function values(): PassValues {
  return { passes: "values" };
}

export function isPassValues(value: unknown): value is PassValues {
  return typeof value === "object" && value !== null && "passes" in value && value.passes === "values";
}
