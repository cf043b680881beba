import test from "ava";
import fc from "fast-check";
import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync } from "node:fs";
import * as zlib from "node:zlib";
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";
import { TaskFailure } from "../errors.js";
import type { InputFile } from "../model/split.js";
import { TempInputs } from "../testing/temp-input.js";
import { unreadable } from "./bad-input.js";
import { openBytes } from "./open-bytes.js";

const inputs = new TempInputs();
const small = Buffer.from("the same words, the same words, and others\n");

async function readAll(file: InputFile, start = 0): Promise<Buffer> {
  const source = openBytes(file, start);
  try {
    const pieces: Buffer[] = [];
    for (;;) {
      const piece = Buffer.alloc(100_000);
      const count = await source.read(piece);
      if (count === 0) break;
      pieces.push(piece.subarray(0, count));
    }
    source.verifyUnchanged();
    return Buffer.concat(pieces);
  } finally {
    source.close();
  }
}

async function failureOf(file: InputFile): Promise<TaskFailure["failure"] | Buffer> {
  try {
    return await readAll(file);
  } catch (error) {
    if (error instanceof TaskFailure) return error.failure;
    throw error;
  }
}

function kindOf(result: TaskFailure["failure"] | Buffer): string {
  return Buffer.isBuffer(result) ? "data" : result.kind;
}

test("a plain file is read from the byte asked for", async (assert) => {
  const file = inputs.write("plain", small);
  assert.deepEqual(await readAll(file, 7), small.subarray(7));
});

test("members of a gzip file are read one after another", async (assert) => {
  const parts = [small, Buffer.alloc(0), Buffer.alloc(700_000, "ab"), Buffer.from("end")];
  const file = inputs.write("members.gz", Buffer.concat(parts.map((part) => gzipSync(part))), "gzip");
  assert.deepEqual(await readAll(file), Buffer.concat(parts));
});

test("a gzip file of an empty file is empty", async (assert) => {
  assert.is((await readAll(inputs.write("empty.gz", gzipSync(""), "gzip"))).length, 0);
});

test("a gzip file cut anywhere is bad input that says how to test it", async (assert) => {
  const packed = gzipSync(small);
  for (let size = 0; size < packed.length; size++) {
    const failure = await failureOf(inputs.write("cut.gz", packed.subarray(0, size), "gzip"));
    assert.is(kindOf(failure), "bad-input", `cut to ${size} bytes`);
    if (!Buffer.isBuffer(failure)) assert.regex(failure.message, size === 0 ? /cut\.gz is empty, not gzip/ : /cut\.gz is damaged or not gzip: .*gzip -t/);
  }
});

test("a second gzip member cut anywhere is bad input", async (assert) => {
  const packed = gzipSync(small);
  for (let size = 1; size < packed.length; size++) {
    const file = inputs.write("cut-second.gz", Buffer.concat([packed, packed.subarray(0, size)]), "gzip");
    assert.is(kindOf(await failureOf(file)), "bad-input", `cut to ${size} bytes`);
  }
});

test("a flipped bit in a gzip file is found, or changes nothing", async (assert) => {
  const packed = gzipSync(small);
  for (let bit = 0; bit < packed.length * 8; bit++) {
    const damaged = Buffer.from(packed);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    const result = await failureOf(inputs.write("flipped.gz", damaged, "gzip"));
    if (Buffer.isBuffer(result)) assert.deepEqual(result, small, `bit ${bit}`);
    else assert.is(result.kind, "bad-input");
  }
});

test("a flipped bit in a large gzip file of many pieces is found, or changes nothing", async (assert) => {
  let seed = 1;
  const noise = Buffer.from(Array.from({ length: 900_000 }, () => (seed = (seed * 48271) % 2147483647) & 0xff));
  const packed = gzipSync(noise);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 10, max: packed.length - 1 }), async (at) => {
      const damaged = Buffer.from(packed);
      damaged[at]! ^= 0x10;
      // Some bits mean nothing, such as those that fill up the header of a stored block.
      const result = await failureOf(inputs.write("large.gz", damaged, "gzip"));
      if (Buffer.isBuffer(result)) assert.true(result.equals(noise), `byte ${at}`);
      else assert.is(result.kind, "bad-input");
    }),
    { numRuns: 20 },
  );
  assert.deepEqual(gunzipSync(packed), noise);
});

test("other bytes behind the last gzip member are refused, zero padding is not", async (assert) => {
  const packed = gzipSync(small);
  const tail = (bytes: Buffer) => inputs.write("tail.gz", Buffer.concat([packed, bytes]), "gzip");
  assert.deepEqual(await readAll(tail(Buffer.alloc(600_000))), small);
  for (const bytes of [Buffer.from("x"), Buffer.from("garbage"), Buffer.from("\0garbage"), Buffer.concat([Buffer.alloc(400_000), Buffer.from("x")]), Buffer.concat([Buffer.alloc(512), packed])]) {
    assert.is(kindOf(await failureOf(tail(bytes))), "bad-input", bytes.subarray(0, 9).toString());
  }
});

test("zero padding that ends where a piece does hides no further member", async (assert) => {
  const packed = gzipSync(small);
  const padding = Buffer.alloc(256 * 1024 - packed.length);
  assert.is(kindOf(await failureOf(inputs.write("padded.gz", Buffer.concat([packed, padding, packed]), "gzip"))), "bad-input");
});

test("reading on after the damage fails again", async (assert) => {
  const source = openBytes(inputs.write("again.gz", gzipSync(small).subarray(0, 30), "gzip"), 0);
  const drain = async () => {
    while ((await source.read(Buffer.alloc(1000))) > 0);
  };
  await assert.throwsAsync(drain, { instanceOf: TaskFailure });
  await assert.throwsAsync(drain, { instanceOf: TaskFailure });
  source.close();
  source.close();
});

test("brotli files are read, and damaged ones refused", async (assert) => {
  const packed = brotliCompressSync(small);
  assert.deepEqual(await readAll(inputs.write("fine.br", packed, "brotli")), small);
  for (let size = 0; size < packed.length; size++) {
    assert.is(kindOf(await failureOf(inputs.write("cut.br", packed.subarray(0, size), "brotli"))), "bad-input", `cut to ${size} bytes`);
  }
  assert.is(kindOf(await failureOf(inputs.write("tail.br", Buffer.concat([packed, packed]), "brotli"))), "bad-input");
  assert.is(kindOf(await failureOf(inputs.write("text.br", "no brotli at all, this is", "brotli"))), "bad-input");
});

const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Uint8Array) => Buffer };

if (zstdCompressSync === undefined) {
  test("zstd on a Node without it is refused with what it needs", async (assert) => {
    const result = await failureOf(inputs.write("file.zst", Buffer.from("28b52ffd", "hex"), "zstd"));
    assert.is(kindOf(result), "bad-input");
    if (!Buffer.isBuffer(result)) assert.regex(result.message, /file\.zst is zstd, which needs Node 22\.15 or newer/);
  });
} else {
  test("frames of a zstd file are read one after another, and damaged ones refused", async (assert) => {
    const packed = zstdCompressSync(small);
    const skippable = Buffer.from("502a4d1803000000616263", "hex");
    assert.deepEqual(await readAll(inputs.write("frames.zst", Buffer.concat([packed, skippable, packed]), "zstd")), Buffer.concat([small, small]));
    for (let size = 0; size < packed.length; size++) {
      assert.is(kindOf(await failureOf(inputs.write("cut.zst", packed.subarray(0, size), "zstd"))), "bad-input", `cut to ${size} bytes`);
    }
    assert.is(kindOf(await failureOf(inputs.write("tail.zst", Buffer.concat([packed, Buffer.from("garbage")]), "zstd"))), "bad-input");
  });
}

const changes: [string, (path: string) => void][] = [
  ["grew", (path) => appendFileSync(path, "more")],
  ["shrank", (path) => truncateSync(path, 5)],
  ["was touched", (path) => utimesSync(path, 1, 1)],
  ["vanished", (path) => rmSync(path)],
];

for (const compression of ["none", "gzip"] as const) {
  const content = compression === "gzip" ? gzipSync(small) : small;

  for (const [what, change] of changes) {
    test(`a file (${compression}) that ${what} after planning fails with input-changed`, async (assert) => {
      const file = inputs.write(`before-${what}-${compression}`, content, compression);
      change(file.path);
      const failure = await failureOf(file);
      assert.is(kindOf(failure), "input-changed");
      if (!Buffer.isBuffer(failure)) assert.true(failure.message.includes(file.path));
    });

    test(`a file (${compression}) that ${what} while it is read fails with input-changed`, async (assert) => {
      const file = inputs.write(`during-${what}-${compression}`, content, compression);
      const source = openBytes(file, 0);
      change(file.path);
      const error = await assert.throwsAsync(
        async () => {
          while ((await source.read(Buffer.alloc(10))) > 0);
          source.verifyUnchanged();
        },
        { instanceOf: TaskFailure },
      );
      assert.is(error.failure.kind, "input-changed");
      source.close();
    });
  }
}

test("a file that was replaced under its name while it was read fails with input-changed", (assert) => {
  const file = inputs.write("replaced", small);
  const other = inputs.write("replacement", "something of another size");
  const source = openBytes(file, 0);
  renameSync(other.path, file.path);
  const error = assert.throws(() => source.verifyUnchanged(), { instanceOf: TaskFailure });
  assert.is(error.failure.kind, "input-changed");
  source.close();
});

test("what fails by this machine's doing may succeed on another; the rest is bad input", (assert) => {
  for (const [code, kind] of [["EIO", "io-error"], ["EMFILE", "io-error"], ["ESTALE", "io-error"], ["EACCES", "bad-input"], ["EISDIR", "bad-input"]] as const) {
    const { failure } = unreadable("in.txt", "cannot be read", Object.assign(new Error(`${code}: why`), { code }));
    assert.like(failure, { kind, message: `Input in.txt cannot be read: ${code}: why`, file: "in.txt" });
  }
});

test("what cannot be opened or read is bad input", async (assert) => {
  const folder = inputs.describe(inputs.folder);
  assert.is(kindOf(await failureOf(folder)), "bad-input");
});
