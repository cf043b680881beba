import { toUnits } from "./exact-total.js";

/** What the two doubles of a group's sum cannot hold: infinities and NaN, and exact totals of numbers far apart. */
export class ExcessSums {
  readonly #groups = new Map<number, Excess>();

  get size(): number {
    return this.#groups.size;
  }

  of(group: number): Readonly<Excess> | undefined {
    return this.#groups.size === 0 ? undefined : this.#groups.get(group);
  }

  /** Takes a value that the doubles at cells[at] cannot hold besides what they do. */
  overflow(group: number, value: number, cells: Float64Array, at: number): void {
    const excess = this.#excessOf(group);
    if (!Number.isFinite(value)) {
      excess.special += value;
      return;
    }
    excess.units += toUnits(cells[at]!) + toUnits(cells[at + 1]!);
    cells[at] = value;
    cells[at + 1] = 0;
  }

  /** As `add` reads it; empty when there is none. */
  textOf(group: number): string {
    const excess = this.of(group);
    return excess === undefined ? "" : `${excess.units} ${excess.special}`;
  }

  add(group: number, text: string): void {
    const [units, special] = text.split(" ");
    const excess = this.#excessOf(group);
    excess.units += BigInt(units!);
    excess.special += Number(special);
  }

  clear(): void {
    this.#groups.clear();
  }

  #excessOf(group: number): Excess {
    const known = this.#groups.get(group);
    if (known !== undefined) return known;
    const excess = { units: 0n, special: 0 };
    this.#groups.set(group, excess);
    return excess;
  }
}

interface Excess {
  /** A multiple of 2^-1074. */
  units: bigint;
  /** Sum of the infinities and NaNs: itself infinite or NaN. 0 when there are none. */
  special: number;
}
