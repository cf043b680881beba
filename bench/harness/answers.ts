/** How outputs are compared: they must say the same, whatever order or number format a program writes in. */
import { createHash } from "node:crypto";
import { outputBytes, type Program } from "./program.js";

export interface AnswerRule {
  readonly description: string;
  /** The answer that a program wrote. */
  read(program: Program): string;
  equal(ours: string, theirs: string): boolean;
}

/** Lines of fields between tabs, in any order, equal to the byte. */
export const sameLines: AnswerRule = {
  description: "the same lines in any order, to the byte",
  read: (program) => digest(linesOf(program).sort().join("\n")),
  equal: isSame,
};

/** The whole output, in order. */
export const sameBytes: AnswerRule = {
  description: "the same bytes in the same order",
  read: (program) => digest(outputBytes(program)),
  equal: isSame,
};

/** As sameLines, but numbers need agree only to a relative difference of `tolerance`: sums of fractions depend on their order. */
export function sameWithin(tolerance: number): AnswerRule {
  return {
    description: `the same lines in any order, numbers within ${tolerance} of each other relatively`,
    read: (program) => linesOf(program).sort().join("\n"),
    equal(ours, theirs) {
      const [own, other] = [ours.split("\n"), theirs.split("\n")];
      return own.length === other.length && own.every((line, i) => closeLines(line, other[i]!, tolerance));
    },
  };
}

/** Lines in the order of their first `keyBytes` bytes, or of all; those of equal keys in any order. */
export function sortedLines(keyBytes?: number): AnswerRule {
  return {
    description: "the same lines to the byte, all in order",
    read(program) {
      const lines = outputBytes(program).toString("latin1").split("\n");
      const last = lines.pop();
      const keyOf = (line: string): string => line.slice(0, keyBytes);
      const wrong = lines.findIndex((line, i) => i > 0 && keyOf(lines[i - 1]!) > keyOf(line));
      if (last !== "" || wrong >= 0) return `line ${wrong < 0 ? lines.length : wrong} of ${program.name} is out of order or has no end`;
      return digest(lines.sort().join("\n"));
    },
    equal: isSame,
  };
}

/** No answer to compare: the program does nothing but start, run empty tasks or simulate. */
export const noAnswer: AnswerRule = { description: "nothing to compare", read: () => "", equal: isSame };

function linesOf(program: Program): string[] {
  return outputBytes(program).toString().split(/\r?\n/).filter(Boolean);
}

/** The first field is a key, equal to the byte, and so are whole numbers. */
function closeLines(ours: string, theirs: string, tolerance: number): boolean {
  const [own, other] = [ours.split("\t"), theirs.split("\t")];
  return own.length === other.length && own[0] === other[0] && own.every((field, i) => field === other[i] || (i > 0 && areClose(field, other[i]!, tolerance)));
}

function areClose(ours: string, theirs: string, tolerance: number): boolean {
  const areWhole = /^-?\d+$/.test(ours) && /^-?\d+$/.test(theirs);
  return !areWhole && Math.abs(Number(ours) - Number(theirs)) <= tolerance * Math.abs(Number(ours));
}

function isSame(ours: string, theirs: string): boolean {
  return ours === theirs;
}

function digest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
