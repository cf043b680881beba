/** Where fields that indexCells has found begin and end. `field` is the address of a field's separator; before it lies that of the field before. */

// @ts-ignore: decorator
@inline
export function startOf(base: usize, field: usize): usize {
  const separator = load<i32>(field - 4);
  return base + <usize>(separator ^ (separator >> 31)) + 1;
}

/** Before its separator, and before a return that belongs to the newline. */
// @ts-ignore: decorator
@inline
export function endOf(base: usize, field: usize, start: usize): usize {
  const separator = load<i32>(field);
  if (separator >= 0) return base + <usize>separator;
  const end = base + <usize>~separator;
  return end > start && load<u8>(end - 1) == 13 ? end - 1 : end;
}
