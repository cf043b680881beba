/** Column builders for lists, structs, and columns whose type only their first value will tell. */
import type { ArrowField } from "../columnar/ipc-schema.js";
import type { ColumnBuilder } from "./arrow-column-builder.js";
import { grown, mismatch, Validity, type Meter } from "./arrow-validity.js";

export class ListBuilder implements ColumnBuilder {
  private readonly validity: Validity;
  private offsets = new Int32Array(1024);
  private readonly item: ColumnBuilder;
  private readonly nullable: boolean;
  private readonly wanted: string;
  private readonly meter: Meter;

  constructor(item: ColumnBuilder, nullable: boolean, wanted: string, meter: Meter) {
    this.validity = new Validity(nullable, wanted);
    this.item = item;
    this.nullable = nullable;
    this.wanted = wanted;
    this.meter = meter;
  }

  append(value: unknown): void {
    const row = this.validity.rows;
    if (row + 1 === this.offsets.length) this.offsets = grown(this.offsets);
    let end = this.offsets[row]!;
    if (this.validity.append(value)) {
      if (!Array.isArray(value)) throw mismatch(this.wanted, value);
      const items = value as unknown[];
      let at = 0;
      try {
        for (; at < items.length; at++) this.item.append(items[at]);
      } catch (error) {
        throw located(error, `item ${at}`);
      }
      end += items.length;
    }
    this.offsets[row + 1] = end;
    this.meter.bytes += 4;
  }

  skip(): void {
    const row = this.validity.rows;
    if (row + 1 === this.offsets.length) this.offsets = grown(this.offsets);
    this.validity.skip();
    this.offsets[row + 1] = this.offsets[row]!;
  }

  truncate(rows: number): void {
    this.validity.truncate(rows);
    this.item.truncate(this.offsets[this.validity.rows]!);
  }

  field(name: string): ArrowField {
    return { name, nullable: this.nullable, type: { kind: "list" }, children: [this.item.field("item")] };
  }

  drain(nodes: number[], buffers: Uint8Array[]): void {
    const { rows } = this.validity;
    this.validity.drain(nodes, buffers);
    buffers.push(new Uint8Array(this.offsets.buffer, 0, (rows + 1) * 4));
    this.item.drain(nodes, buffers);
  }
}

export interface MemberBuilder {
  readonly name: string;
  readonly builder: ColumnBuilder;
}

export class StructBuilder implements ColumnBuilder {
  private readonly validity: Validity;
  private readonly members: readonly MemberBuilder[];
  private readonly nullable: boolean;
  private readonly wanted: string;
  /** Whether a member that is not in `members` is an error; with a schema it is left out on purpose. */
  private readonly closed: boolean;
  private readonly names: ReadonlySet<string>;

  constructor(members: readonly MemberBuilder[], nullable: boolean, wanted: string, closed: boolean) {
    this.validity = new Validity(nullable, wanted);
    this.members = members;
    this.nullable = nullable;
    this.wanted = wanted;
    this.closed = closed;
    this.names = new Set(members.map((member) => member.name));
  }

  append(value: unknown): void {
    const present = this.validity.append(value);
    if (present && (typeof value !== "object" || Array.isArray(value))) throw mismatch(this.wanted, value);
    // Members of a null struct take room all the same.
    if (!present) {
      for (const { builder } of this.members) builder.skip();
      return;
    }
    appendMembers("member", this.members, value as object);
    if (this.closed) mustHaveOnly(this.names, value as object);
  }

  skip(): void {
    this.validity.skip();
    for (const { builder } of this.members) builder.skip();
  }

  truncate(rows: number): void {
    this.validity.truncate(rows);
    for (const { builder } of this.members) builder.truncate(rows);
  }

  field(name: string): ArrowField {
    return { name, nullable: this.nullable, type: { kind: "struct" }, children: this.members.map((member) => member.builder.field(member.name)) };
  }

  drain(nodes: number[], buffers: Uint8Array[]): void {
    this.validity.drain(nodes, buffers);
    for (const { builder } of this.members) builder.drain(nodes, buffers);
  }
}

/** Appends an object's members and, when one does not fit, says which. */
export function appendMembers(role: "column" | "member", members: readonly MemberBuilder[], value: object): void {
  let at = 0;
  try {
    for (; at < members.length; at++) {
      const { name, builder } = members[at]!;
      builder.append((value as Record<string, unknown>)[name]);
    }
  } catch (error) {
    throw located(error, `${role} "${members[at]?.name}"`);
  }
}

function located(error: unknown, place: string): unknown {
  return error instanceof TypeError ? new TypeError(`${place}: ${error.message}`) : error;
}

export function mustHaveOnly(names: ReadonlySet<string>, value: object): void {
  for (const name of Object.keys(value)) {
    if (!names.has(name)) {
      throw new TypeError(`member "${name}" was not in the first row, from which the columns were taken; give the output a schema, with t.json() for free-form values`);
    }
  }
}

/** Chooses its builder by the first value that is not null. */
export class LateBuilder implements ColumnBuilder {
  private chosen: ColumnBuilder | undefined;
  private nulls = 0;
  private readonly choose: (value: unknown) => ColumnBuilder;

  constructor(choose: (value: unknown) => ColumnBuilder) {
    this.choose = choose;
  }

  append(value: unknown): void {
    if (this.chosen === undefined) {
      if (value === null || value === undefined) {
        this.nulls++;
        return;
      }
      this.become(value);
    }
    this.chosen!.append(value);
  }

  skip(): void {
    if (this.chosen === undefined) this.nulls++;
    else this.chosen.skip();
  }

  truncate(rows: number): void {
    this.nulls = Math.min(this.nulls, rows);
    this.chosen?.truncate(rows);
  }

  /** A schema must be written now; a column of nulls alone is taken for strings. */
  field(name: string): ArrowField {
    return (this.chosen ?? this.become("")).field(name);
  }

  drain(nodes: number[], buffers: Uint8Array[]): void {
    (this.chosen ?? this.become("")).drain(nodes, buffers);
  }

  private become(value: unknown): ColumnBuilder {
    this.chosen = this.choose(value);
    for (let i = 0; i < this.nulls; i++) this.chosen.skip();
    return this.chosen;
  }
}
