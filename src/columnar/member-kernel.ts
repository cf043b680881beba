/**
 * Takes encoded structs apart in a kernel (kernels/assembly/struct-members.ts), a column for each member. Its memory:
 *
 *     where columns lie | offsets of the structs | their bytes | values, or offsets and bytes of texts, of one member | of the next ...
 */
import type { BytesColumn, Column } from "./columns.js";
import { KernelLayout } from "./kernels/kernel-layout.js";
import { hasKernels, type Kernels } from "./kernels/wasm.js";
import { PART, partKind } from "./struct-parts.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";

/** Behind what kernels keep for themselves. */
const FIRST = 1 << 16;
const SLACK = 16;
const MOST_BYTES = 1 << 26;

/** `kernels` gives an instance with so many bytes of memory for as long as columns are in use: until the next call. */
export type MemberKernels = (bytes: number) => Kernels;
/** Undefined where only the plain twin can do it. */
type TakeMembers = (structs: BytesColumn, rows: number) => Column[] | undefined;

export function memberKernel(fields: readonly FieldSpec[], kernels: MemberKernels): TakeMembers | undefined {
  if (!hasKernels || !fields.every(({ type }) => isTaken(type))) return undefined;
  return ({ offsets, bytes }, rows) => {
    const first = offsets[0]!;
    const size = offsets[rows]! - first;
    const layout = new KernelLayout(FIRST);
    const parts = layout.take(4 * PART * fields.length);
    const ends = layout.take(4 * (rows + 1));
    const structs = layout.take(size + SLACK);
    const places = fields.map(({ type }) => ({ type, kind: partKind(type)!, values: layout.take(8 * (rows + 1)), texts: layout.take(type.kind === "utf8" ? size + SLACK : 0) }));
    if (layout.end > MOST_BYTES) return undefined;
    const { call, memory } = kernels(layout.end);
    const { buffer } = memory;
    new Int32Array(buffer, parts, PART * fields.length).set(places.flatMap(({ kind, values, texts }) => [kind, values, texts]));
    new Int32Array(buffer, ends, rows + 1).set(offsets.subarray(0, rows + 1));
    memory.set(bytes.subarray(first, first + size), structs);
    if (!call.takeMembers(structs - first, ends, rows, parts, fields.length)) return undefined;
    return places.map(({ type, values, texts }): Column => {
      if (type.kind === "utf8") return { kind: "bytes", offsets: new Int32Array(buffer, values, rows + 1), bytes: memory.subarray(texts) };
      return type.kind === "int64" ? { kind: "int64", values: new BigInt64Array(buffer, values, rows) } : { kind: "float64", values: new Float64Array(buffer, values, rows) };
    });
  };
}

/** What lies in columns as it is printed: no Date, and no integer that is a number. */
function isTaken(type: TypeSpec): boolean {
  if (type.nullable) return false;
  return type.kind === "utf8" || type.kind === "int32" || type.kind === "float64" || (type.kind === "int64" && type.as === "bigint");
}
