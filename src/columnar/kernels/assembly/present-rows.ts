/**
 * Copies the rows that are not null, one behind the other: their codes, and their values of 4 bytes, or of 8 where `wide` is
 * true. nulls[row] is 1 for a row that is null, else 0. Returns how many there are.
 */
export function presentRows(codes: usize, values: usize, wide: bool, nulls: usize, rows: i32, outCodes: usize, outValues: usize): i32 {
  return wide ? copyPresent<u64>(codes, values, nulls, rows, outCodes, outValues) : copyPresent<u32>(codes, values, nulls, rows, outCodes, outValues);
}

// @ts-ignore: decorator
@inline
function copyPresent<Value>(codes: usize, values: usize, nulls: usize, rows: i32, outCodes: usize, outValues: usize): i32 {
  let taken: usize = 0;
  for (const end = nulls + <usize>rows; nulls < end; nulls++, codes += 4, values += sizeof<Value>()) {
    // Written for each row, and written over unless it counts: no guess at what comes can be wrong.
    store<u32>(outCodes + (taken << 2), load<u32>(codes));
    store<Value>(outValues + taken * sizeof<Value>(), load<Value>(values));
    taken += 1 - load<u8>(nulls);
  }
  return <i32>taken;
}
