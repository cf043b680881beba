/**
 * A look-up: the column of a side input's values in the rows that another of its columns finds, which is how a group-by
 * joins. `derive` gets the side inputs by name, each as its columns: `city.lookup(cities.id, cities.country)`.
 */
import type { RecordOf, SideInputs } from "./context.js";

declare const sideType: unique symbol;
declare const foundType: unique symbol;

/** A column of a side input, as `derive` names it. */
export interface SideColumn<T> {
  readonly side: string;
  readonly name: string;
  readonly [sideType]?: T;
}

/** The columns of a job's side inputs. */
export type SideColumnsOf<S> = { readonly [Side in keyof S & string]: SideColumns<RecordOf<S[Side]>> };
type SideColumns<R> = R extends string | Uint8Array | readonly unknown[] ? never : { readonly [Name in keyof R & string]-?: SideColumn<R[Name]> };

export interface Lookup<T> {
  /** Of the input. */
  readonly column: string;
  readonly among: SideColumn<unknown>;
  readonly give: SideColumn<unknown>;
  readonly [foundType]?: T;
}

/** Any name is one of a side input and of its columns here; the plan knows which ones there are. */
export function sideColumns(): SideColumnsOf<SideInputs> {
  const columns = (side: string): object => new Proxy({}, { get: (_, name): SideColumn<unknown> => ({ side, name: String(name) }) });
  return new Proxy({}, { get: (_, side) => columns(String(side)) });
}

export function isSideColumn(given: unknown): given is SideColumn<unknown> {
  return typeof given === "object" && given !== null && typeof (given as Partial<SideColumn<unknown>>).side === "string" && typeof (given as Partial<SideColumn<unknown>>).name === "string";
}
