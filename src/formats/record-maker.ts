/**
 * Makes record objects from one getter for each column. The maker is compiled from the column names, so that
 * every record is an object literal of one shape and each column has a call site of its own: three times as
 * fast as setting members in a loop. Where a process forbids code from strings, the loop does it.
 */
import { defineMember } from "../columnar/codec.js";

export type Getter = (row: number) => unknown;
/** Takes the getters of a batch and gives what makes the record of a row. */
export type RecordMaker = (getters: readonly Getter[]) => (row: number) => Record<string, unknown>;

export function recordMaker(names: readonly string[]): RecordMaker {
  if (names.length > MOST_COMPILED) return looping(names);
  const parameters = names.map((_, i) => `g${i}`).join(", ");
  // JSON.stringify makes any name a string literal. A bare "__proto__" would set the prototype; a computed one does not.
  const members = names.map((name, i) => `${name === "__proto__" ? `[${JSON.stringify(name)}]` : JSON.stringify(name)}: g${i}(row)`).join(", ");
  try {
    return new Function("getters", `const [${parameters}] = getters; return (row) => ({ ${members} });`) as RecordMaker;
  } catch (error) {
    if (error instanceof EvalError) return looping(names);
    throw error;
  }
}

/** Wider records are objects in dictionary mode, which gain nothing. */
const MOST_COMPILED = 500;

export function looping(names: readonly string[]): RecordMaker {
  return (getters) => (row) => {
    const record: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) defineMember(record, names[i]!, getters[i]!(row));
    return record;
  };
}
