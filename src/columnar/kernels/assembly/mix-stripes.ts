/**
 * The loop of checksum.ts: 32 lanes of u32, four to a vector, each takes in every 32nd word by the step of xxHash32 (Yann Collet). A step
 * can be undone, for any word or lane, so a change within one word is still there at the end.
 */
const WORD_FACTOR: i32 = <i32>0x85ebca77;
const LANE_FACTOR: i32 = <i32>0x9e3779b1;
const TURN: i32 = 13;

/** Takes the bytes of [at, end), a multiple of 128, into `lanes`. */
export function mixStripes(at: usize, end: usize, lanes: usize): void {
  let a = v128.load(lanes);
  let b = v128.load(lanes, 16);
  let c = v128.load(lanes, 32);
  let d = v128.load(lanes, 48);
  let e = v128.load(lanes, 64);
  let f = v128.load(lanes, 80);
  let g = v128.load(lanes, 96);
  let h = v128.load(lanes, 112);
  const wordFactor = i32x4.splat(WORD_FACTOR);
  const laneFactor = i32x4.splat(LANE_FACTOR);
  for (; at < end; at += 128) {
    a = mixed(a, v128.load(at), wordFactor, laneFactor);
    b = mixed(b, v128.load(at, 16), wordFactor, laneFactor);
    c = mixed(c, v128.load(at, 32), wordFactor, laneFactor);
    d = mixed(d, v128.load(at, 48), wordFactor, laneFactor);
    e = mixed(e, v128.load(at, 64), wordFactor, laneFactor);
    f = mixed(f, v128.load(at, 80), wordFactor, laneFactor);
    g = mixed(g, v128.load(at, 96), wordFactor, laneFactor);
    h = mixed(h, v128.load(at, 112), wordFactor, laneFactor);
  }
  v128.store(lanes, a);
  v128.store(lanes, b, 16);
  v128.store(lanes, c, 32);
  v128.store(lanes, d, 48);
  v128.store(lanes, e, 64);
  v128.store(lanes, f, 80);
  v128.store(lanes, g, 96);
  v128.store(lanes, h, 112);
}

// @ts-ignore: decorator
@inline
function mixed(lane: v128, words: v128, wordFactor: v128, laneFactor: v128): v128 {
  const sum = i32x4.add(lane, i32x4.mul(words, wordFactor));
  return i32x4.mul(v128.or(i32x4.shl(sum, TURN), i32x4.shr_u(sum, 32 - TURN)), laneFactor);
}
