import type { BytesColumn } from "../columns.js";
import { lastWholeRead, plainHead, plainTail, viewOf } from "./key-words.js";

/**
 * A seeded 32-bit hash of each key's bytes, after Austin Appleby's MurmurHash3 (x86_32). Two changes: the seed
 * also enters each word before it is multiplied, so that keys made to collide under one seed do not under
 * another; and at least two words are mixed, so that keys of up to 8 bytes take one path without a loop.
 * Costs about 15 ns a key of mixed length. Not cryptographic: compare keys, never hashes alone.
 */
export function hashKeys(keys: BytesColumn, rows: number, seed: number, out: Uint32Array): void {
  const view = viewOf(keys.bytes);
  const { offsets } = keys;
  const safe = lastWholeRead(view);
  const spread = spreadSeed(seed);
  for (let i = 0; i < rows; i++) out[i] = hashRange(view, safe, offsets[i]!, offsets[i + 1]!, spread);
}

/** Makes near seeds (0, 1, 2) as far apart as any. What the functions below take. */
export function spreadSeed(seed: number): number {
  return finish(seed ^ 0x9e3779b9);
}

/** The hash of view[start..end) as an int32; `safe` as key-words.ts has it. */
export function hashRange(view: DataView, safe: number, start: number, end: number, spread: number): number {
  const length = end - start;
  if (length <= 8) return hashShort(plainHead(view, safe, start, end), plainTail(view, safe, start, end), length, spread);
  let hash = spread;
  const whole = end - 4;
  let at = start;
  for (; at <= whole; at += 4) hash = mix(hash, view.getInt32(at, true) ^ spread);
  if (at < end) hash = mix(hash, plainHead(view, safe, at, end) ^ spread);
  return finish(hash ^ length);
}

/** The same for a key of at most 8 bytes, given as its two words. */
export function hashShort(first: number, second: number, length: number, spread: number): number {
  return finish(mix(mix(spread, first ^ spread), second ^ spread) ^ length);
}

/** The same of three words. */
export function hashWords(first: number, second: number, third: number, spread: number): number {
  return finish(mix(mix(mix(spread, first ^ spread), second ^ spread), third ^ spread));
}

function mix(hash: number, word: number): number {
  word = Math.imul(word, 0xcc9e2d51);
  word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
  hash ^= word;
  hash = (hash << 13) | (hash >>> 19);
  return (Math.imul(hash, 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
