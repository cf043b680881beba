/**
 * The functions behind column expressions, as all ways of running them share: they say on which value they threw, check
 * what they give, and see values as columns hold them: no -0, no lone surrogates.
 */
import { toUSVString } from "node:util";
import { ByteSink } from "../columnar/byte-sink.js";
import { encoderFor, type Encode } from "../columnar/codec.js";
import { isLifted, type Comparison, type Condition, type Constant, type Expressions, type Lifted, type Predicate } from "../job/column-expressions.js";
import { LiftError } from "./user-failure.js";

export interface ExpressionFunctions {
  /** By the name of the derived column; look-ups have none. */
  readonly derive: ReadonlyMap<string, (value: unknown) => unknown>;
  readonly where: readonly ((value: unknown) => boolean)[];
}

export function expressionFunctions({ derive, where }: Expressions): ExpressionFunctions {
  return {
    derive: new Map(Object.entries(derive).flatMap(([name, derived]) => (isLifted(derived) ? [[name, checked(derived, `derive.${name}`)]] : []))),
    where: where.map((predicate) => test(predicate)),
  };
}

function test(predicate: Predicate): (value: unknown) => boolean {
  return isLifted(predicate) ? (checked(predicate, `where (${predicate.column})`) as (value: unknown) => boolean) : comparing(predicate);
}

function checked({ make, type }: Lifted<unknown>, step: string): (value: unknown) => unknown {
  const encode = encoderFor(type);
  const sink = new ByteSink(64);
  return (given) => {
    const value = given === 0 ? 0 : typeof given === "string" ? toUSVString(given) : given;
    try {
      const result = make(value as never);
      sink.clear();
      mustFit(result, encode, sink);
      return result;
    } catch (error) {
      throw new LiftError(step, value, error);
    }
  };
}

/** Throws without a stack: the function has returned, so no line of the user's is in it. */
function mustFit(result: unknown, encode: Encode, sink: ByteSink): void {
  try {
    encode(result, sink);
  } catch (error) {
    if (error instanceof Error) error.stack = "";
    throw error;
  }
}

function comparing({ comparison, constant }: Condition): (value: unknown) => boolean {
  if (comparison === "isNull") return (value) => value === null;
  if (comparison === "isNotNull") return (value) => value !== null;
  const holds = HOLDS[comparison];
  if (typeof constant === "string") {
    const bytes = Buffer.from(constant);
    return (value) => value !== null && holds(compareTexts(value as string, constant, bytes), 0);
  }
  const fixed = plain(constant!);
  return (value) => value !== null && holds(plain(value as Constant), fixed);
}

export type Plain = number | bigint | boolean;
export type Holds = (left: Plain, right: Plain) => boolean;

export const HOLDS: Readonly<Record<Comparison, Holds>> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  lt: (left, right) => left < right,
  le: (left, right) => left <= right,
  gt: (left, right) => left > right,
  ge: (left, right) => left >= right,
};

/** What compares as the value does. */
export function plain(value: Constant): Plain {
  return value instanceof Date ? value.getTime() : (value as Plain);
}

/** Only where a surrogate stands is the order of UTF-8 another than that of strings. */
function compareTexts(left: string, right: string, rightBytes: Uint8Array): number {
  return left === right ? 0 : Buffer.compare(Buffer.from(left), rightBytes);
}
