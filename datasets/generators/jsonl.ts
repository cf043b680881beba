import { ByteTable } from "./byte-table.js";
import { writeIsoTime } from "./calendar.js";
import { writeInteger, writePadded } from "./digits.js";
import type { Generator } from "./generator.js";
import { Random } from "./random.js";
import { Zipf } from "./zipf.js";

const USERS = 100_000;
const PRODUCTS = 5_000;
const START = Date.UTC(2025, 0, 1);
const STEP_MS = 25;
const MOST_ITEMS = 4;
const COMMA = 44;
const POINT = 46;

/** Repeated ones are commoner. */
const TYPES = "view view view view search search cart purchase".split(" ");
const PURCHASE = TYPES.indexOf("purchase");
const NAMES = ["Ada", "Björn", "Chloé", "Dmitri", "Ewa", "Fatima", "Zoë", "さくら"];
const PLANS = ["free", "free", "team", "enterprise"];
const TAGS = ["[]", '["new"]', '["beta","eu"]', '["vip","eu","annual"]'];
/** JSON as it stands in the file: escapes, raw Unicode, none at all. */
const NOTES = [
  "null",
  '""',
  '"plain"',
  '"a \\"quoted\\" word"',
  '"back\\\\slash and \\/ slash"',
  '"two\\nlines\\tand a tab"',
  '"caf\\u00e9 \\ud83d\\ude80"',
  '"東京 🚀"',
];

/**
 * Nested events, one JSON object a line: `id`, `type`, `at`, `user {id, name, plan, tags}`, `note`, and by chance `geo`.
 * A purchase also has 1 to 4 `items {sku, quantity, cents}` and their `total` in cents.
 */
export const jsonl: Generator = {
  kind: "jsonl",
  description: "nested JSON events, one a line: user with tags, items and total of purchases, optional fields, escapes",
  extension: ".jsonl",
  maxRecordBytes: 1024,
  open(seed) {
    const random = new Random(seed, "jsonl");
    const users = new Zipf(USERS);
    const products = new Zipf(PRODUCTS);
    const types = new ByteTable(TYPES.map((type) => `,"type":"${type}","at":"`));
    const names = new ByteTable(NAMES.map((name) => `,"name":"${name}"`));
    const plans = new ByteTable(PLANS.map((plan) => `,"plan":"${plan}","tags":`));
    const tags = new ByteTable(TAGS.map((list) => `${list}}`));
    const notes = new ByteTable(NOTES.map((note) => `,"note":${note}`));
    const writeItems = itemsWriter(random, products);
    return {
      write(index, out, at) {
        random.seek(index);
        const bits = random.next();
        const type = bits & 7;
        at = marks.write(Mark.id, out, at);
        at = writeInteger(index, out, at);
        at = types.write(type, out, at);
        at = writeIsoTime(START + index * STEP_MS, out, at);
        at = marks.write(Mark.user, out, at);
        at = writeInteger(users.sample(random), out, at);
        at = names.write((bits >>> 3) & 7, out, at);
        at = plans.write((bits >>> 6) & 3, out, at);
        at = tags.write((bits >>> 8) & 3, out, at);
        if (type === PURCHASE) at = writeItems(out, at);
        if (((bits >>> 10) & 3) === 0) at = writePlace(random, out, at);
        at = notes.write((bits >>> 12) & 7, out, at);
        return marks.write(Mark.end, out, at);
      },
    };
  },
};

const Mark = { id: 0, user: 1, items: 2, sku: 3, quantity: 4, cents: 5, itemEnd: 6, total: 7, latitude: 8, longitude: 9, placeEnd: 10, end: 11 } as const;
const marks = new ByteTable([
  '{"id":', '","user":{"id":', ',"items":[', '{"sku":"p', '","quantity":', ',"cents":', "}", '],"total":',
  ',"geo":{"lat":', ',"lon":-', "}", "}\n",
]);

function itemsWriter(random: Random, products: Zipf): (out: Uint8Array, at: number) => number {
  return (out, at) => {
    const count = 1 + random.below(MOST_ITEMS);
    let total = 0;
    at = marks.write(Mark.items, out, at);
    for (let i = 0; i < count; i++) {
      if (i > 0) out[at++] = COMMA;
      const product = products.sample(random);
      const quantity = 1 + random.below(5);
      const cents = 99 + ((product * 7919) % 20_000);
      total += quantity * cents;
      at = marks.write(Mark.sku, out, at);
      at = writePadded(product, 5, out, at);
      at = marks.write(Mark.quantity, out, at);
      at = writeInteger(quantity, out, at);
      at = marks.write(Mark.cents, out, at);
      at = writeInteger(cents, out, at);
      at = marks.write(Mark.itemEnd, out, at);
    }
    at = marks.write(Mark.total, out, at);
    return writeInteger(total, out, at);
  };
}

function writePlace(random: Random, out: Uint8Array, at: number): number {
  at = marks.write(Mark.latitude, out, at);
  at = writeInteger(random.below(90), out, at);
  out[at++] = POINT;
  at = writePadded(random.below(10_000), 4, out, at);
  at = marks.write(Mark.longitude, out, at);
  at = writeInteger(1 + random.below(179), out, at);
  out[at++] = POINT;
  at = writePadded(random.below(10_000), 4, out, at);
  return marks.write(Mark.placeEnd, out, at);
}
