/** Copies by 16 bytes a step; reads and writes up to 15 bytes too many. */
// @ts-ignore: decorator
@inline
export function copyShort(to: usize, from: usize, size: usize): void {
  if (size > 1024) {
    memory.copy(to, from, size);
    return;
  }
  for (const end = from + size; from < end; from += 16, to += 16) v128.store(to, v128.load(from));
}
