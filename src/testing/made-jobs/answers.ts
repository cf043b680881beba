/** What each aggregator must give for the values of a group, in the order of the input. */
import { exactSum } from "../exact-sum.js";
import type { Kind, MadeColumn, Value } from "./made-table.js";

export interface Answer {
  /** The aggregator over a member of a struct, as source text. */
  call(field: string): string;
  of(values: readonly Value[]): Value | readonly Value[];
}

/** The aggregators that a column's type allows. */
export function answers({ kind, values }: MadeColumn): Answer[] {
  return [...forAll(), ...(["int32", "int64", "float64"].includes(kind) ? forOrderedNumbers() : []), ...(isSummable(kind, values) ? forNumbers(kind) : [])];
}

function forAll(): Answer[] {
  const named = (name: string, of: Answer["of"]): Answer => ({ call: (field) => `${name}(${field})`, of });
  return [
    { call: () => "count()", of: (values) => values.length },
    named("min", (values) => [...present(values)].sort(compareValues)[0] ?? null),
    named("max", (values) => [...present(values)].sort(compareValues).at(-1) ?? null),
    named("first", (values) => values[0]!),
    named("last", (values) => values.at(-1)!),
    named("collect", (values) => values),
    named("countDistinct", (values) => new Set(present(values).map((value) => (value instanceof Date ? value.getTime() : value))).size),
  ];
}

function forOrderedNumbers(): Answer[] {
  return [0, 0.3, 0.5].map((q) => ({ call: (field) => `quantile(${q}, ${field})`, of: (values) => quantileOf(present(values).map(Number).sort((a, b) => a - b), q) }));
}

function quantileOf(sorted: readonly number[], q: number): number | null {
  if (sorted.length === 0) return null;
  const place = (sorted.length - 1) * q;
  const [below, above, share] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!, place % 1];
  return share === 0 ? below : below * (1 - share) + above * share;
}

function forNumbers(kind: Kind): Answer[] {
  const total = (values: readonly Value[]): number | bigint => (kind === "float64" ? exactSum(values as number[]) : values.reduce<bigint>((sum, value) => sum + BigInt(value as number), 0n));
  return [
    { call: (field) => `sum(${field})`, of: (values) => total(present(values)) },
    { call: (field) => `mean(${field})`, of: (values) => (present(values).length === 0 ? null : Number(total(present(values))) / present(values).length) },
  ];
}

/** Whether sums stay within their type: no 64-bit overflow, and no double whose sum and mean round by way of infinity. */
function isSummable(kind: Kind, values: readonly Value[]): boolean {
  if (kind === "int32") return true;
  if (kind === "int64") return values.every((value) => value === null || BigInt.asIntN(50, value as bigint) === value);
  return kind === "float64" && values.every((value) => Math.abs(Number(value)) < 1e300);
}

function present(values: readonly Value[]): NonNullable<Value>[] {
  return values.filter((value) => value !== null);
}

/** The order of keys: texts by their UTF-8 bytes, all else by value. */
export function compareValues(a: NonNullable<Value>, b: NonNullable<Value>): number {
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

export function jsonText(value: Value | readonly Value[]): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
