// Cells of 8 bytes of records, one record for each group, `stride` bytes from one to the next. `cells` is where the cell lies in the record of group 0.

/** Adds f64 values: row i belongs to group codes[i]. */
export function addCounts(codes: usize, values: usize, rows: i32, stride: usize, cells: usize): void {
  for (const end = codes + (<usize>rows << 2); codes < end; codes += 4, values += 8) {
    const at = cells + <usize>load<u32>(codes) * stride;
    store<f64>(at, load<f64>(at) + load<f64>(values));
  }
}

/** Adds 1 for each row. */
export function addOnes(codes: usize, rows: i32, stride: usize, cells: usize): void {
  for (const end = codes + (<usize>rows << 2); codes < end; codes += 4) {
    const at = cells + <usize>load<u32>(codes) * stride;
    store<f64>(at, load<f64>(at) + 1);
  }
}

/** Copies the cells of groups codes[0..rows), or of the first `rows` groups where `codes` is 0, one behind the other. */
export function takeCells(codes: usize, rows: i32, stride: usize, cells: usize, out: usize): void {
  const end = out + (<usize>rows << 3);
  if (codes == 0) for (; out < end; out += 8, cells += stride) store<u64>(out, load<u64>(cells));
  else for (; out < end; out += 8, codes += 4) store<u64>(out, load<u64>(cells + <usize>load<u32>(codes) * stride));
}
