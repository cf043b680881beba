/**
 * Where fields that indexRecords has found begin and end. `field` is the address of a field's separator; before it lies that of the field before.
 */

// @ts-ignore: decorator
@inline
export function startOf(base: usize, field: usize): usize {
  return base + <usize>load<i32>(field - 4) + 1;
}

/** Before its separator and, of the last field, before a return that belongs to the newline. */
// @ts-ignore: decorator
@inline
export function endOf(base: usize, field: usize, start: usize, isLast: bool): usize {
  const end = base + <usize>load<i32>(field);
  return isLast && end > start && load<u8>(end - 1) == 13 ? end - 1 : end;
}
