/** What texts of a column look like: which letters, how long, and how often one comes again. All from the seed. */
import { Random } from "../../datasets/generators/random.js";
import { Zipf } from "../../datasets/generators/zipf.js";

/** Draws a text. */
export type Texts = (random: Random) => string;
/** The tables of a seed are built once, then texts are drawn with the numbers of each row. */
export type TextsOf = (seed: number) => Texts;

export const LATIN = [..."abcdefghijklmnopqrstuvwxyz"];
export const CYRILLIC = [..."абвгдежзийклмнопрстуфхцчшщъыьэюя"];
/** One to four bytes each, and two units of UTF-16 for some. */
export const MANY_SCRIPTS = [..."abzéñßαωжщאبनी中文字한\u{1f600}\u{1f99c}\u{10348}\uffee"];

/** A text of its own for nearly every row. */
export function fresh(least: number, most: number, letters: readonly string[]): TextsOf {
  return () => (random) => {
    let text = "";
    for (let left = least + random.below(most - least + 1); left > 0; left--) text += letters[random.below(letters.length)]!;
    return text;
  };
}

/** One of `count` texts, each as often as any other. */
export function oneOf(count: number, texts: TextsOf): TextsOf {
  return (seed) => {
    const drawn = vocabulary(seed, count, texts);
    return (random) => drawn[random.below(count)]!;
  };
}

/** One of `count` texts; the first comes twice as often as the second, ten times as often as the tenth. */
export function skewed(count: number, texts: TextsOf): TextsOf {
  return (seed) => {
    const drawn = vocabulary(seed, count, texts);
    const zipf = new Zipf(count);
    return (random) => drawn[zipf.sample(random)]!;
  };
}

/** Every other text is empty. */
export function orEmpty(texts: TextsOf): TextsOf {
  return (seed) => {
    const draw = texts(seed);
    return (random) => (random.below(2) === 0 ? "" : draw(random));
  };
}

function vocabulary(seed: number, count: number, texts: TextsOf): string[] {
  const random = new Random(seed, "vocabulary");
  const draw = texts(seed);
  return Array.from({ length: count }, () => draw(random));
}
