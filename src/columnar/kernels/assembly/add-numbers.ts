/**
 * Folds one column of doubles into records, one for each group, of `stride` bytes: row i belongs to group codes[i]. `counts`,
 * `sums` and `extremes` are where these lie in the record of group 0, or 0 where they are not wanted:
 *
 *     count | sum: high, low (see sum-float64.ts) | extremes: least, greatest (see extreme-number.ts)
 *
 * Returns how many rows it did: less where the next would make a sum that two doubles cannot hold, with nothing of it added.
 */
export function addNumbers(codes: usize, values: usize, rows: i32, stride: usize, counts: usize, sums: usize, extremes: usize): i32 {
  for (let row = 0; row < rows; row++) {
    const record = <usize>load<u32>(codes + (<usize>row << 2)) * stride;
    const value = values == 0 ? 0 : load<f64>(values + (<usize>row << 3));
    if (sums != 0) {
      const at = sums + record;
      const high = load<f64>(at);
      const sum = high + value;
      const part = sum - high;
      const error = high - (sum - part) + (value - part);
      const low = load<f64>(at, 8);
      const lowSum = low + error;
      const lowPart = lowSum - low;
      if (!(low - (lowSum - lowPart) + (error - lowPart) == 0)) return row;
      store<f64>(at, sum);
      store<f64>(at, lowSum, 8);
    }
    if (extremes != 0) {
      const at = extremes + record;
      if (!(value >= load<f64>(at)) && value == value) store<f64>(at, value);
      const greatest = load<f64>(at, 8);
      if (!(value <= greatest) && greatest == greatest) store<f64>(at, value, 8);
    }
    if (counts != 0) store<f64>(counts + record, load<f64>(counts + record) + 1);
  }
  return rows;
}
