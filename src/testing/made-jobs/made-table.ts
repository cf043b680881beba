/** Tables of columns of any type and shape, made from a seed: few values or many, skewed or not, short, long, in any script, null or not. */
import type { Chance } from "./chance.js";

export type Kind = "utf8" | "int32" | "int64" | "float64" | "bool" | "date" | "timestamp";
/** As a job sees it: int64 as bigint, dates and timestamps as Date. */
export type Value = string | number | bigint | boolean | Date | null;

export interface MadeColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable: boolean;
  readonly values: readonly Value[];
}

const NAMES = ["id", "größe", "a b", "v", "x1", "at", "key", "value"];
/** Longer than what kernels look at in one step (16 bytes), and than a small buffer. */
const LONG = 5_000;

const texts: readonly ((chance: Chance) => string)[] = [
  (chance) => letters(chance, "abcxyz", 9),
  (chance) => letters(chance, "ab", 3),
  (chance) => `the same first words, ${letters(chance, "01", 20)}`,
  (chance) => letters(chance, "abc def", 60),
  (chance) => letters(chance, "aé ß—€日本語😀Ж", 12),
  (chance) => letters(chance, "Жизньмир ", 40),
  (chance) => letters(chance, 'a,;"\n\r\t\\ ', 10),
  (chance) => letters(chance, "\0a\x7f", 6),
  (chance) => String(chance.below(1e6) / 100),
  (chance) => (chance.happens(0.02) ? letters(chance, "long", LONG) : letters(chance, "q", 2)),
  (chance) => chance.pick(["", "null", "NaN", "true", "{}", "[", "-", "0", "﻿x", " ", "\\N", "'", "a\u2028b"]),
];

const doubles: readonly ((chance: Chance) => number)[] = [
  (chance) => chance.below(7),
  (chance) => (chance.below(2_000_000) - 1_000_000) / 100,
  (chance) => chance.below(1e9) / 1e9,
  (chance) => chance.double(),
  (chance) => chance.pick([0, -0, 0.1, 1e22, -1e-7, 5e-324, 2 ** 53, 1e16 + 2, 123456789.123456789]),
];

const MAKERS: Readonly<Record<Kind, readonly ((chance: Chance) => Value)[]>> = {
  utf8: texts,
  int32: [(chance) => chance.below(100), (chance) => chance.below(2 ** 32) - 2 ** 31, (chance) => chance.pick([0, -1, 2 ** 31 - 1, -(2 ** 31)])],
  int64: [(chance) => BigInt(chance.below(1000)), (chance) => BigInt.asIntN(64, chance.bits64()), (chance) => BigInt.asIntN(50, chance.bits64()), (chance) => chance.pick([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)])],
  float64: doubles,
  bool: [(chance) => chance.happens(0.5)],
  date: [(chance) => new Date(86_400_000 * (chance.below(40_000) - 10_000)), (chance) => new Date(Date.UTC(2024, 1, 1 + chance.below(29)))],
  timestamp: [(chance) => new Date(chance.below(2e12)), (chance) => new Date(1000 * chance.below(2e9) - 1e12)],
};

export const KINDS = Object.keys(MAKERS) as Kind[];

/** Columns of the same length, at least two, with different names. */
export function makeTable(chance: Chance, rows: number): MadeColumn[] {
  const names = chance.shuffled(NAMES).slice(0, 2 + chance.below(5));
  return names.map((name) => {
    const kind = chance.happens(0.4) ? "utf8" : chance.pick(KINDS);
    const nullable = chance.happens(0.4);
    return { name, kind, nullable, values: makeValues(chance, kind, nullable, rows) };
  });
}

function makeValues(chance: Chance, kind: Kind, nullable: boolean, rows: number): Value[] {
  const main = chance.pick(MAKERS[kind]);
  const make = (): Value => (chance.happens(0.03) ? chance.pick(MAKERS[kind])(chance) : main(chance));
  const nulls = nullable ? chance.pick([0, 0.01, 0.5, 1]) : 0;
  const distinct = chance.pick([1, 4, 50, Infinity]);
  const pool = distinct === Infinity ? [] : Array.from({ length: distinct }, make);
  const skewed = chance.happens(0.5);
  const pooled = (): Value => pool[skewed ? chance.below(1 + chance.below(pool.length)) : chance.below(pool.length)]!;
  return Array.from({ length: rows }, () => (chance.happens(nulls) ? null : pool.length === 0 ? make() : pooled()));
}

function letters(chance: Chance, alphabet: string, most: number): string {
  const all = [...alphabet];
  return Array.from({ length: chance.below(most + 1) }, () => chance.pick(all)).join("");
}
