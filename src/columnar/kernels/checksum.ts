/**
 * A checksum of 32 bits for blocks between tasks, about twice as fast as CRC-32: words go in turn to 32 lanes by the step of xxHash32
 * (Yann Collet), which has four. A step can be undone, so a change within one word is always noticed; others are missed once in
 * 2^32. It finds accidents, not forgeries.
 */
import { hasKernels, newKernels } from "./wasm.js";

const LANES = 32;
const STRIPE = 4 * LANES;
const WORD_FACTOR = 0x85ebca77;
const LANE_FACTOR = 0x9e3779b1;
const TURN = 13;
/** Bytes taken in by one call: they are copied to where kernels find them, and stay in the first cache. */
const WINDOW = 16 << 10;

interface Room {
  readonly window: Uint8Array;
  readonly lanes: Int32Array;
  /** Takes in the first bytes of the window, a multiple of STRIPE. */
  readonly mix: (bytes: number) => void;
}

let thread: Room | undefined;

/** The checksum of pieces laid end to end. `seed` is an int32. */
export function checksum(seed: number, pieces: readonly Uint8Array[], room: Room = (thread ??= hasKernels ? kernelRoom() : plainRoom())): number {
  const { window, lanes, mix } = room;
  for (let lane = 0; lane < LANES; lane++) lanes[lane] = Math.imul(seed + lane, LANE_FACTOR);
  let filled = 0;
  let length = 0;
  for (const piece of pieces) {
    length += piece.length;
    for (let from = 0; from < piece.length; ) {
      const to = Math.min(piece.length, from + WINDOW - filled);
      window.set(from === 0 && to === piece.length ? piece : piece.subarray(from, to), filled);
      filled += to - from;
      from = to;
      if (filled < WINDOW) continue;
      mix(WINDOW);
      filled = 0;
    }
  }
  const end = Math.ceil(filled / STRIPE) * STRIPE;
  window.fill(0, filled, end);
  mix(end);
  let sum = length | 0;
  for (let lane = 0; lane < LANES; lane++) sum = mixed(sum, lanes[lane]!);
  return finished(sum);
}

function kernelRoom(): Room {
  const { memory, call } = newKernels(128 << 10);
  // Below are the kernels' own constants.
  const window = memory.length - WINDOW;
  const lanes = window - STRIPE;
  return {
    window: memory.subarray(window),
    lanes: new Int32Array(memory.buffer, lanes, LANES),
    mix: (bytes) => call.mixStripes(window, window + bytes, lanes),
  };
}

/** The plain twin. */
export function plainRoom(): Room {
  const window = new Uint8Array(WINDOW);
  const words = new Int32Array(window.buffer);
  const lanes = new Int32Array(LANES);
  return {
    window,
    lanes,
    mix(bytes) {
      for (let at = 0; at < bytes / 4; at += LANES) {
        for (let lane = 0; lane < LANES; lane++) lanes[lane] = mixed(lanes[lane]!, words[at + lane]!);
      }
    },
  };
}

function mixed(lane: number, word: number): number {
  const sum = lane + Math.imul(word, WORD_FACTOR);
  return Math.imul((sum << TURN) | (sum >>> (32 - TURN)), LANE_FACTOR);
}

/** Each bit of the sum depends on all (the finisher of MurmurHash3, Austin Appleby). */
function finished(sum: number): number {
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return (sum ^ (sum >>> 16)) >>> 0;
}
