/** The number that would stand at place `k` if the numbers were sorted, NaN last, and the one behind it; it rearranges them. By quickselect (Hoare 1961), about 10 ns a number. */
export function kthAndNext(numbers: Float64Array, k: number): { readonly kth: number; readonly next: number } {
  const sortable = numbers.subarray(0, withNaNLast(numbers));
  if (k < sortable.length) select(sortable, k);
  let next = Infinity;
  for (let i = k + 1; i < sortable.length; i++) if (sortable[i]! < next) next = sortable[i]!;
  return { kth: numbers[k]!, next: k + 1 < sortable.length ? next : NaN };
}

/** How many there are that are not NaN. */
function withNaNLast(numbers: Float64Array): number {
  let count = 0;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (number !== number) continue;
    numbers[i] = numbers[count]!;
    numbers[count++] = number;
  }
  return count;
}

/** None before place k is greater than the number there, none behind it less. */
function select(numbers: Float64Array, k: number): void {
  let low = 0;
  let high = numbers.length - 1;
  // Numbers that are laid out against it would take as many rounds as there are of them.
  for (let rounds = 2 * Math.ceil(Math.log2(numbers.length + 1)); low < high; rounds--) {
    if (rounds === 0) {
      numbers.subarray(low, high + 1).sort();
      return;
    }
    const pivot = middleOf(numbers[low]!, numbers[(low + high) >> 1]!, numbers[high]!);
    let left = low;
    let right = high;
    while (left <= right) {
      while (numbers[left]! < pivot) left++;
      while (numbers[right]! > pivot) right--;
      if (left > right) break;
      const number = numbers[left]!;
      numbers[left++] = numbers[right]!;
      numbers[right--] = number;
    }
    if (k <= right) high = right;
    else if (k >= left) low = left;
    else return;
  }
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
