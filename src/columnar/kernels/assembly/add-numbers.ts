/**
 * Folds one column of numbers into records, one for each group, of `stride` bytes: row i belongs to group codes[i]. `counts`,
 * `sums` and `extremes` are where these lie in the record of group 0, or 0 where they are not wanted. Both return how many rows they
 * did: less where the next would make a sum that its place cannot hold, with nothing of it added.
 */

/**
 * Numbers that are summed as doubles: f64, or i32 where `narrow` is true.
 *
 *     count | sum: high, low (see sum-float64.ts) | extremes: least, greatest (see extreme-number.ts)
 */
export function addNumbers(codes: usize, values: usize, narrow: bool, rows: i32, stride: usize, counts: usize, sums: usize, extremes: usize): i32 {
  return narrow ? addAll<i32>(codes, values, rows, stride, counts, sums, extremes) : addAll<f64>(codes, values, rows, stride, counts, sums, extremes);
}

// @ts-ignore: decorator
@inline
function addAll<Value>(codes: usize, values: usize, rows: i32, stride: usize, counts: usize, sums: usize, extremes: usize): i32 {
  const end = codes + (<usize>rows << 2);
  for (let at = codes; at < end; at += 4, values += sizeof<Value>()) {
    const record = <usize>load<u32>(at) * stride;
    const value = <f64>load<Value>(values);
    if (sums != 0) {
      const place = sums + record;
      const high = load<f64>(place);
      const sum = high + value;
      const part = sum - high;
      const error = high - (sum - part) + (value - part);
      const low = load<f64>(place, 8);
      const lowSum = low + error;
      const lowPart = lowSum - low;
      if (!(low - (lowSum - lowPart) + (error - lowPart) == 0)) return <i32>((at - codes) >> 2);
      store<f64>(place, sum);
      store<f64>(place, lowSum, 8);
    }
    if (extremes != 0) {
      const place = extremes + record;
      const least = load<f64>(place);
      // Adding 0 makes 0 of -0.
      if (!(value >= least)) store<f64>(place, value == value ? value + 0 : least);
      const greatest = load<f64>(place, 8);
      if (!(value <= greatest)) store<f64>(place, greatest == greatest ? value + 0 : greatest, 8);
    }
    if (counts != 0) store<f64>(counts + record, load<f64>(counts + record) + 1);
  }
  return rows;
}

/**
 * Integers that are summed as such: i64, or f64 that hold safe integers where `safe` is true.
 *
 *     count | sum | extremes: least, greatest, as i64
 */
export function addIntegers(codes: usize, values: usize, safe: bool, rows: i32, stride: usize, counts: usize, sums: usize, extremes: usize): i32 {
  for (let row = 0; row < rows; row++) {
    const record = <usize>load<u32>(codes + (<usize>row << 2)) * stride;
    const at = values + (<usize>row << 3);
    const value = safe ? <i64>load<f64>(at) : load<i64>(at);
    if (sums != 0) {
      const old = load<i64>(sums + record);
      const sum = old + value;
      // The sign of both is not that of the sum.
      if (((old ^ sum) & (value ^ sum)) < 0) return row;
      store<i64>(sums + record, sum);
    }
    if (extremes != 0) {
      const place = extremes + record;
      store<i64>(place, min(value, load<i64>(place)));
      store<i64>(place, max(value, load<i64>(place, 8)), 8);
    }
    if (counts != 0) store<f64>(counts + record, load<f64>(counts + record) + 1);
  }
  return rows;
}
