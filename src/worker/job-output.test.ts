import test from "ava";
import { jobId, workerId } from "../model/ids.js";
import { decode } from "../protocol/codec.js";
import { jobOutput } from "../protocol/messages.js";
import { subjectsOf } from "../protocol/subjects.js";
import { InProcessTransport } from "../transport/in-process.js";
import { JobOutputStream } from "./job-output.js";

const subjects = subjectsOf("test");
const job = jobId("wc", "7f3a");
const worker = workerId("w1");

function stream(): { readonly output: JobOutputStream; readonly pieces: string[]; readonly sent: () => Promise<void> } {
  const transport = new InProcessTransport();
  const pieces: string[] = [];
  let onPiece = (): void => {};
  transport.publish = (subject, payload) => {
    const { text, ...from } = decode(jobOutput, payload);
    if (subject !== subjects.output || from.worker !== worker || from.job !== job) throw new Error(`Published to ${subject} as ${JSON.stringify(from)}`);
    pieces.push(text);
    onPiece();
  };
  return { output: new JobOutputStream({ transport, subjects, worker, job }), pieces, sent: () => new Promise((resolve) => (onPiece = resolve)) };
}

test("what is written goes out together, soon and by itself", async (t) => {
  const { output, pieces, sent } = stream();
  const arrival = sent();
  output.write("a ");
  output.write("b\n");
  t.deepEqual(pieces, []);
  await arrival;
  t.deepEqual(pieces, ["a b\n"]);
  output.flush();
  t.deepEqual(pieces, ["a b\n"]);
});

test("long text goes in pieces that lose nothing, not half a character either", (t) => {
  for (const shift of ["", "x"]) {
    const { output, pieces } = stream();
    const text = shift + "\u{1f600}ä".repeat(10_000);
    output.write(text);
    output.flush();
    t.true(pieces.length > 10);
    // Each is made bytes by itself.
    t.true(pieces.map((piece) => Buffer.from(piece).toString()).join("") === text);
  }
});

test("what is over the rate is left out, and the next that goes out says how much", (t) => {
  const { output, pieces } = stream();
  const flood = "y".repeat(300 << 10);
  output.write(flood);
  output.flush();
  const first = pieces.join("").length;
  t.true(first >= 256 << 10 && first < flood.length, String(first));
  pieces.length = 0;
  // More than what may go out again by now, so that some of it does.
  while (pieces.length === 0) {
    output.write("z\n");
    output.flush();
  }
  const [, left = ""] = /^\[(\d+) characters of output left out: more than 64 KiB a second\]\nz/.exec(pieces.join("")) ?? [];
  t.true(Number(left) >= flood.length - first, pieces.join(""));
});
