import test from "ava";
import fc from "fast-check";
import { SharedTexts } from "./shared-texts.js";

test("records keep their values, whatever their members are", (t) => {
  const record = fc.oneof(fc.jsonValue(), fc.record({ key: fc.string(), other: fc.oneof(fc.string(), fc.integer(), fc.constant(null)) }, { requiredKeys: [] }), fc.array(fc.string()), fc.constant(JSON.parse(`{"__proto__":"a","constructor":"b"}`)));
  fc.assert(
    fc.property(fc.array(record), (records) => {
      const texts = new SharedTexts();
      const before = structuredClone(records);
      for (const record of records) texts.share(record);
      t.deepEqual(records, before);
    }),
  );
});

test("a member with more different texts than are kept leaves the others as they are", (t) => {
  const texts = new SharedTexts();
  for (let i = 0; i < 10_000; i++) {
    const record = { id: `id ${i}`, category: `category ${i % 7}` };
    texts.share(record);
    t.deepEqual(record, { id: `id ${i}`, category: `category ${i % 7}` });
  }
});
