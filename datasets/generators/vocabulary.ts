import { Random } from "./random.js";

const COMMON =
  "the of and to a in that it is was i for on you he be with as by at have are this not but had his they from she " +
  "which or we an there her were one do been all their has would will what if can when so no";

const ONSETS =
  "b br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr qu r s sc sh sl sm sn sp st str t th tr v w wh y z".split(" ");
const VOWELS = "a e i o u a e i o u ai ea ee ie io oa oo ou".split(" ");
const ACCENTED = "é è ü ö å ñ ó í ç ø".split(" ");
const CODAS = ["", "", "", "b", "ck", "d", "ft", "g", "l", "ll", "m", "n", "nd", "ng", "nt", "p", "r", "rn", "rt", "s", "sh", "ss", "st", "t", "th", "x"];
const ENDINGS = ["", "", "", "", "ed", "er", "est", "ing", "ly", "ment", "ness", "s", "tion"];

/**
 * A made-up language: `size` different lower-case words, the commonest first. The first 53 are English function
 * words; the others are built of syllables, the rarer the longer, and one in 40 has letters outside ASCII.
 * The list is the same on each call and for each seed; a longer list starts with the shorter one.
 */
export function vocabulary(size: number): string[] {
  const random = new Random(0, "vocabulary");
  const words = new Set(COMMON.split(" ").slice(0, size));
  for (let i = 0; words.size < size; i++) {
    random.seek(i);
    words.add(makeWord(random, words.size));
  }
  return [...words];
}

function makeWord(random: Random, rank: number): string {
  const syllables = rank < 400 ? 1 : rank < 6000 ? 1 + random.below(2) : 2 + random.below(2);
  const accented = random.below(40) === 0;
  let word = "";
  for (let s = 0; s < syllables; s++) {
    word += pick(random, ONSETS) + pick(random, accented && s === 0 ? ACCENTED : VOWELS) + pick(random, CODAS);
  }
  return rank < 400 ? word : word + pick(random, ENDINGS);
}

function pick(random: Random, from: readonly string[]): string {
  return from[random.below(from.length)] ?? "";
}
