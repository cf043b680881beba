// Jobs as most people would write them in Node: readline, split, Map; one thread. Job, input, output.
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";

const [, input, output] = process.argv.slice(2);
const counts = new Map();
for await (const line of createInterface({ input: createReadStream(input), crlfDelay: Infinity })) {
  for (const word of line.split(" ")) if (word !== "") counts.set(word, (counts.get(word) ?? 0) + 1);
}
const out = createWriteStream(output);
for (const [word, count] of counts) out.write(`${word}\t${count}\n`);
out.end();
