import { ByteTable } from "./byte-table.js";
import { writeLogTime } from "./calendar.js";
import { writeInteger } from "./digits.js";
import type { Generator } from "./generator.js";
import { Random, scramble } from "./random.js";
import { vocabulary } from "./vocabulary.js";
import { Zipf } from "./zipf.js";

const CLIENTS = 50_000;
const PATHS = 20_000;
const START_SECONDS = Date.UTC(2025, 0, 1) / 1000;
const REQUESTS_PER_SECOND = 10;
const POINT = 46;

const USERS = [...new Array<string>(29).fill("-"), "alice", "bob", "zoe"].map((user) => ` - ${user} [`);
const METHODS = [..."GET ".repeat(13).trim().split(" "), "POST", "POST", "HEAD"].map((method) => ` +0000] "${method} `);
const STATUSES = [...new Array<number>(26).fill(200), 206, 301, 304, 304, 404, 500];
const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
  "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
  "Mozilla/5.0 (compatible; ExampleBot/2.1; +http://bot.example/about)",
  "curl/8.11.0",
  "a \\\"quoted\\\" agent",
  "-",
].map((agent) => `"${agent}"\n`);

/**
 * Lines of Apache's combined log format: clients and paths by Zipf's law, ten requests a second from 2025-01-01, a
 * second or two out of order as servers write them. The size is `-` where a server sends none.
 */
export const weblog: Generator = {
  kind: "weblog",
  description: `Apache combined log lines: ${PATHS.toLocaleString("en")} paths and ${CLIENTS.toLocaleString("en")} clients by Zipf, ten requests a second`,
  extension: ".log",
  maxRecordBytes: 512,
  open(seed) {
    const random = new Random(seed, "weblog");
    const clients = new Zipf(CLIENTS);
    const pathRanks = new Zipf(PATHS);
    const pathList = makePaths();
    const paths = new ByteTable(pathList);
    const referers = new ByteTable([` "-" `, ...pathList.map((path) => ` "https://shop.example${path}" `)]);
    const users = new ByteTable(USERS);
    const methods = new ByteTable(METHODS);
    const statuses = new ByteTable(STATUSES.map((status) => ` HTTP/1.1" ${status} `));
    const agents = new ByteTable(AGENTS);
    return {
      write(index, out, at) {
        random.seek(index);
        at = writeAddress(scramble(clients.sample(random) + 1), out, at);
        const bits = random.next();
        at = users.write(bits & 31, out, at);
        const seconds = START_SECONDS + Math.floor(index / REQUESTS_PER_SECOND) - ((bits >>> 5) & 1);
        at = writeLogTime(seconds, out, at);
        at = methods.write((bits >>> 6) & 15, out, at);
        at = paths.write(pathRanks.sample(random), out, at);
        const status = (bits >>> 10) & 31;
        at = statuses.write(status, out, at);
        at = STATUSES[status] === 304 ? writeDash(out, at) : writeInteger(200 + random.below(60_000), out, at);
        at = referers.write((bits >>> 15) & 1 ? 0 : 1 + pathRanks.sample(random), out, at);
        return agents.write(((bits >>> 16) & 0xff) % AGENTS.length, out, at);
      },
    };
  },
};

function writeDash(out: Uint8Array, at: number): number {
  out[at] = 45;
  return at + 1;
}

function writeAddress(bits: number, out: Uint8Array, at: number): number {
  at = writeInteger(1 + (((bits & 255) * 222) >> 8), out, at);
  for (let shift = 8; shift < 32; shift += 8) {
    out[at++] = POINT;
    at = writeInteger((bits >>> shift) & 255, out, at);
  }
  return at;
}

/** The home page first, then articles, products with a query, and files, in turn. */
function makePaths(): string[] {
  const words = vocabulary(PATHS).map(encodeURIComponent);
  return words.map((word, i) => {
    const other = words[(i * 7919) % PATHS] ?? "";
    if (i === 0) return "/";
    if (i % 4 === 1) return `/blog/${2015 + (i % 10)}/${other}-${word}`;
    if (i % 4 === 2) return `/products/${i}?ref=${word}&page=${i % 7}`;
    return i % 4 === 3 ? `/static/${word}.css` : `/images/${other}/${word}.png`;
  });
}
