import { writeInteger } from "./digits.js";
import type { Generator } from "./generator.js";
import { Random } from "./random.js";

const LEVELS = 20;
const VERTICES = 2 ** LEVELS;
const TAB = 9;
const NEWLINE = 10;

/** Of 256, the shares of the quadrants: 0.57, 0.19, 0.19, 0.05, as Graph500 sets them. */
const QUADRANT_SHARES = [146, 49, 49, 12];

/**
 * Edges `source<TAB>target` of a power-law graph by R-MAT (Chakrabarti, Zhan and Faloutsos 2004): each of 20 levels
 * puts the edge into one quadrant of the adjacency matrix and so fixes one bit of its source and target. Vertices are
 * then renumbered, so that the hubs lie anywhere. Edges may repeat or loop, and many vertices have no edge out.
 */
export const graph: Generator = {
  kind: "graph",
  description: `edges "source<TAB>target" of an R-MAT power-law graph of ${VERTICES.toLocaleString("en")} vertices`,
  extension: ".tsv",
  maxRecordBytes: 32,
  open(seed) {
    const random = new Random(seed, "graph");
    const quadrantOf = Uint8Array.from(QUADRANT_SHARES.flatMap((share, quadrant) => new Array<number>(share).fill(quadrant)));
    return {
      write(index, out, at) {
        random.seek(index);
        let source = 0;
        let target = 0;
        for (let level = 0; level < LEVELS; level += 4) {
          let bits = random.next();
          for (let i = 0; i < 4; i++) {
            const quadrant = quadrantOf[bits & 255]!;
            source = (source << 1) | (quadrant >> 1);
            target = (target << 1) | (quadrant & 1);
            bits >>>= 8;
          }
        }
        at = writeInteger(renumber(source), out, at);
        out[at++] = TAB;
        at = writeInteger(renumber(target), out, at);
        out[at++] = NEWLINE;
        return at;
      },
    };
  },
};

/** A bijection of 0..VERTICES-1: each step can be undone. */
function renumber(vertex: number): number {
  let mixed = Math.imul(vertex ^ 0x5a5a5, 0x2545f) & (VERTICES - 1);
  mixed ^= mixed >>> 9;
  return Math.imul(mixed, 0x9e37b) & (VERTICES - 1);
}
