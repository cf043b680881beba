import test from "ava";
import { TaskFailure } from "../errors.js";
import { fieldsOf, t as types } from "../job/data-type.js";
import type { InputSpec } from "../model/job-spec.js";
import { TempInputs } from "../testing/temp-input.js";
import { readSideInput } from "./side-inputs.js";

const inputs = new TempInputs();

const schema = fieldsOf({ id: types.int32(), name: types.utf8(), day: types.date().nullable(), big: types.int64() });
const spec: InputSpec = { format: "csv", paths: [], delimiter: ",", header: true, schema };
const names = ["", "ø", "a name of many letters", "7"];

test("records keep their values when the next chunks and files are read", async (t) => {
  const record = (id: number) => ({ id, name: names[id % 4]!, day: id % 3 === 0 ? null : new Date("2024-05-06"), big: BigInt(id) * 10n ** 12n });
  const line = (id: number): string => `${id},"${record(id).name}",${id % 3 === 0 ? "" : "2024-05-06"},${record(id).big}\n`;
  const ids = Array.from({ length: 20_000 }, (_, id) => id);
  const file = (name: string, ids: readonly number[]) => inputs.write(name, `id,name,day,big\n${ids.map(line).join("")}`);
  t.deepEqual(await readSideInput(spec, [file("a.csv", ids.slice(0, 15_000)), file("b.csv", ids.slice(15_000))], 1 << 20), ids.map(record));
});

test("a bad record fails the attempt and says where it is", async (t) => {
  const bad = inputs.write("bad.csv", "id,name,day,big\n1,a,,2\nx,b,,3\n");
  const error = await t.throwsAsync(readSideInput(spec, [bad], 1 << 20), { instanceOf: TaskFailure });
  t.like(error.failure, { kind: "bad-record", file: bad.path, offset: 23, record: "x,b,,3" });
});
