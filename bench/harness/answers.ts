/** How outputs are compared: they must say the same, whatever order or number format a program writes in. */
import { createHash } from "node:crypto";
import { outputBytes, type Program } from "./program.js";

export interface AnswerRule {
  readonly description: string;
  /** The answer that a program wrote, in a form that equal answers share. */
  read(program: Program): string;
}

/** Lines of fields between tabs, in any order, equal to the byte. */
export const sameLines: AnswerRule = {
  description: "the same lines in any order, to the byte",
  read: (program) => digest(linesOf(program).sort().join("\n")),
};

/** The whole output, in order. */
export const sameBytes: AnswerRule = {
  description: "the same bytes in the same order",
  read: (program) => digest(outputBytes(program)),
};

/** As sameLines, but numbers with a fraction need agree only to `digits` significant digits. */
export function sameTo(digits: number): AnswerRule {
  return {
    description: `the same lines in any order, numbers to ${digits} significant digits`,
    read: (program) => digest(linesOf(program).map((line) => line.split("\t").map((field, i) => (i === 0 ? field : rounded(field, digits))).join("\t")).sort().join("\n")),
  };
}

/** No answer to compare: the program does nothing but start, run empty tasks or simulate. */
export const noAnswer: AnswerRule = { description: "nothing to compare", read: () => "" };

function linesOf(program: Program): string[] {
  return outputBytes(program).toString().split(/\r?\n/).filter(Boolean);
}

function rounded(field: string, digits: number): string {
  const number = Number(field);
  return field === "" || Number.isNaN(number) ? field : String(Number(number.toPrecision(digits)));
}

function digest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
