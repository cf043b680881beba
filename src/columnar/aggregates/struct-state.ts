import { defineMember } from "../codec.js";
import type { Column, ColumnKind, ResultColumn } from "../columns.js";
import type { AggregateState } from "./aggregate-state.js";

/** Several aggregators side by side; the result is an object with one member for each. */
export class StructState implements AggregateState {
  readonly kinds: readonly ColumnKind[];
  readonly summary: AggregateState["summary"];
  readonly addOnes?: NonNullable<AggregateState["addOnes"]>;
  readonly #members: readonly { readonly name: string; readonly state: AggregateState }[];

  constructor(members: readonly { readonly name: string; readonly state: AggregateState }[]) {
    this.#members = members;
    this.kinds = members.flatMap(({ state }) => state.kinds);
    if (members.every(({ state }) => state.summary !== undefined)) this.summary = members.flatMap(({ state }) => state.summary!);
    if (members.every(({ state }) => state.addOnes !== undefined)) {
      this.addOnes = (times, groups) => members.forEach(({ state }) => state.addOnes!(times, groups));
    }
  }

  get bytes(): number {
    return this.#members.reduce((sum, { state }) => sum + state.bytes, 0);
  }

  grow(groups: number): void {
    for (const { state } of this.#members) state.grow(groups);
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    for (const { state } of this.#members) state.add(codes, values, rows);
  }

  partialsOf = (values: readonly Column[], rows: number): Column[] | undefined => {
    const partials = this.#members.map(({ state }) => state.partialsOf?.(values, rows));
    return partials.every((columns) => columns !== undefined) ? partials.flat() : undefined;
  };

  merge(codes: Int32Array, partials: readonly Column[], rows: number): void {
    let first = 0;
    for (const { state } of this.#members) {
      state.merge(codes, partials.slice(first, first + state.kinds.length), rows);
      first += state.kinds.length;
    }
  }

  export(groups: Int32Array, rows: number): Column[] {
    return this.#members.flatMap(({ state }) => state.export(groups, rows));
  }

  finish(group: number): unknown {
    const result: Record<string, unknown> = {};
    for (const { name, state } of this.#members) defineMember(result, name, state.finish(group));
    return result;
  }

  finishColumns = (groups: Int32Array): ResultColumn[] =>
    this.#members.flatMap(({ state }) => state.finishColumns?.(groups) ?? [{ kind: "values", values: Array.from(groups, (group) => state.finish(group)) }]);

  finishPartials = (partials: readonly Column[], rows: number): ResultColumn[] | undefined => {
    let first = 0;
    const results = this.#members.map(({ state }) => state.finishPartials?.(partials.slice(first, (first += state.kinds.length)), rows));
    return results.every((columns) => columns !== undefined) ? results.flat() : undefined;
  };

  clear(): void {
    for (const { state } of this.#members) state.clear();
  }
}
