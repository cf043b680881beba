/**
 * Random numbers in one stream per record: `seek(index)` starts the numbers of that record, whatever came before.
 *
 * The generator is xoroshiro64** (Blackman and Vigna, https://prng.di.unimi.it), two 32-bit words of state; seed,
 * purpose and index are hashed into them with the finalizer of MurmurHash3. A number costs about 2 ns.
 */
export class Random {
  private high = 0;
  private low = 0;
  private readonly keyHigh: number;
  private readonly keyLow: number;

  /** `purpose` keeps two users of one seed apart, such as two kinds of data. */
  constructor(seed: number, purpose: string) {
    let hash = scramble(Math.floor(seed / 2 ** 32) ^ 0x5bd1e995);
    for (let i = 0; i < purpose.length; i++) hash = scramble(hash ^ purpose.charCodeAt(i));
    this.keyHigh = scramble(hash ^ seed);
    this.keyLow = scramble(this.keyHigh ^ hash ^ 0x3c6ef372);
    this.seek(0);
  }

  seek(index: number): void {
    const overflow = index > 0xffffffff ? Math.floor(index / 2 ** 32) : 0;
    this.high = scramble(index ^ this.keyHigh);
    this.low = scramble(this.high ^ overflow ^ this.keyLow);
    // All zeros is the one state that the generator never leaves.
    if ((this.high | this.low) === 0) this.low = 1;
  }

  /** 32 random bits, as a signed integer: those stay unboxed in V8. */
  next(): number {
    const high = this.high;
    const low = this.low ^ high;
    const product = Math.imul(high, 0x9e3779bb);
    this.high = ((high << 26) | (high >>> 6)) ^ low ^ (low << 9);
    this.low = (low << 13) | (low >>> 19);
    return Math.imul((product << 5) | (product >>> 27), 5);
  }

  /** A whole number from 0 up to, and without, `limit`, which is at most 2^31. */
  below(limit: number): number {
    return (((this.next() >>> 0) * limit) / 2 ** 32) | 0;
  }
}

/** A bijection of 32-bit integers in which each bit of the input flips about half of the output's. */
export function scramble(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
