/** Bit i of the result is set where byte i of the four blocks is. */
// @ts-ignore: decorator
@inline
export function mask(a: v128, b: v128, c: v128, d: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16)) | (<u64>(<u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16)) << 32);
}

/** Bit i of the result is the parity of bits 0 to i. */
// @ts-ignore: decorator
@inline
export function parity(bits: u64): u64 {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  return bits ^ (bits << 32);
}

/**
 * The first of the quotes `marks` that is data of a plain field, for it would open one where none starts; 0 where there is none. What is `within`
 * behind it changes with it. `starts` says whether a field may open at bit 0.
 */
// @ts-ignore: decorator
@inline
export function dataQuote(marks: u64, within: u64, separators: u64, starts: u64): u64 {
  const opening = marks & within & ~((separators | marks) << 1 | starts);
  return opening & -opening;
}
