import test from "ava";
import fc from "fast-check";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { bytesAt, bytesColumn } from "../testing/nasty-keys.js";
import { ByteSink } from "./byte-sink.js";
import { decoderFor, encoderFor } from "./codec.js";
import { memberColumns } from "./member-columns.js";

const fields: FieldSpec[] = [
  { name: "a", type: { kind: "utf8", nullable: false } },
  { name: "n", type: { kind: "int32", nullable: false } },
  { name: "b", type: { kind: "utf8", nullable: true } },
  { name: "c", type: { kind: "utf8", nullable: false } },
];
const type: TypeSpec = { kind: "struct", nullable: false, fields };
const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "\0", "\0\0", "a\0b", "\0\u0001", "é\0", "x".repeat(200)));

test("members of encoded structs are, in columns, what they are in objects", (t) => {
  fc.assert(
    fc.property(fc.array(fc.record({ a: text, n: fc.integer(), b: fc.option(text), c: text }), { maxLength: 30 }), fc.nat(3), (structs, lead) => {
      const encoded = structs.map((struct) => {
        const sink = new ByteSink();
        encoderFor(type)(struct, sink);
        return Buffer.from(sink.view());
      });
      const column = bytesColumn(encoded, lead);
      const decoded = encoded.map((bytes) => decoderFor(type)(bytes, 0, bytes.length) as Record<string, unknown>);
      const columns = memberColumns(fields)(column, structs.length);
      const rows = structs.map((_, row) => Object.fromEntries(columns.map((each, i) => [fields[i]!.name, each.kind === "bytes" ? bytesAt(each, row).toString() : each.values[row]])));
      t.deepEqual(rows, decoded);
    }),
  );
});
