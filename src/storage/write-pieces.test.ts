import test from "ava";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { writePieces } from "./write-pieces.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-pieces-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test("pieces of any size, the empty ones too, follow each other from the position on", (t) => {
  const size = fc.oneof(fc.constant(0), fc.nat(200), fc.nat(100_000), fc.constant(32 << 10), fc.constant(64 << 10));
  fc.assert(
    fc.property(fc.array(fc.array(size, { maxLength: 6 }), { maxLength: 4 }), fc.nat(255), (writes, seed) => {
      const path = join(folder, "file");
      const file = openSync(path, "w");
      const written: Buffer[] = [];
      let position = 0;
      for (const sizes of writes) {
        const pieces = sizes.map((bytes, i) => Buffer.alloc(bytes).map((_, at) => seed + i + at * 7 + (at >> 8)));
        writePieces(file, pieces, position);
        position += pieces.reduce((sum, piece) => sum + piece.length, 0);
        written.push(...pieces.map((piece) => Buffer.from(piece)));
      }
      closeSync(file);
      t.true(Buffer.concat(written).equals(readFileSync(path)));
    }),
    { numRuns: 40 },
  );
});
