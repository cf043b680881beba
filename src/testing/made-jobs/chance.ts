import { numbers } from "../nasty-keys.js";

/** What a seed decides. */
export class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = numbers(seed);
  }

  /** A whole number from 0 to `end` - 1. */
  below(end: number): number {
    return Math.floor(this.#next() * end);
  }

  happens(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** From 0 to `most`, small numbers as often as large ones. */
  size(most: number): number {
    return Math.floor(Math.exp(this.#next() * Math.log(most + 1))) - (this.happens(0.5) ? 0 : 1);
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items.map((item) => ({ item, place: this.#next() })).sort((a, b) => a.place - b.place).map(({ item }) => item);
  }

  /** A double of any sign, exponent and fraction; no infinity, no NaN. */
  double(): number {
    const bits = new DataView(new ArrayBuffer(8));
    do bits.setBigUint64(0, this.bits64());
    while (!Number.isFinite(bits.getFloat64(0)));
    return bits.getFloat64(0);
  }

  bits64(): bigint {
    return (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32));
  }
}
