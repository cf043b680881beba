import type { TypeSpec } from "../../model/type-spec.js";
import type { Column } from "../columns.js";
import { ValueColumns } from "../value-columns.js";
import { valueLayout, type ValueLayout } from "../value-layout.js";
import { valueReader } from "../value-reader.js";

/** What one aggregator reads of the emitted values: a member, or the whole value as one column. */
export interface AggregateInput {
  readonly type: TypeSpec;
  /** Which of the columns of the values it is, where it is one of them as it lies. */
  readonly index?: number;
  column(values: readonly Column[], rows: number): Column;
}

export function aggregateInput(layout: ValueLayout, field: string | undefined): AggregateInput {
  const { members } = layout;
  if (members === undefined) return { type: layout.type, index: 0, column: ([only]) => only! };
  if (field === undefined) {
    const read = valueReader(layout);
    const whole = valueLayout(layout.type, false);
    return {
      type: layout.type,
      column: (values, rows) => {
        const copies = new ValueColumns(whole);
        for (let row = 0; row < rows; row++) copies.append(read(values, row));
        return copies.columns()[0]!;
      },
    };
  }
  const index = members.findIndex((member) => member.name === field);
  return { type: members[index]!.type, index, column: (values) => values[index]! };
}
