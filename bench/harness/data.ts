/** Inputs of benches, made once by the generators of datasets/ and kept in bench/data. */
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { generateTo } from "../../datasets/generate-to.js";

const FOLDER = "bench/data";

export interface Data {
  readonly path: string;
  readonly bytes: number;
}

export async function dataset(kind: string, bytes: number, extension: string, seed = 7): Promise<Data> {
  const path = dataPath(`${kind}-${bytes}-${seed}.${extension}`);
  if (!existsSync(path)) await generateTo(path, { kind, bytes, seed });
  return { path, bytes: statSync(path).size };
}

/** Words of letters between single spaces: what all contestants take for words is then the same. */
export async function plainWords(bytes: number): Promise<Data> {
  const path = dataPath(`plain-words-${bytes}.txt`);
  if (!existsSync(path)) {
    const prose = await dataset("text", Math.ceil(bytes * 1.05), "txt");
    const source = createReadStream(prose.path, { encoding: "utf8", highWaterMark: 1 << 20 });
    await pipeline(source, withoutMarks, createWriteStream(`${path}.tmp`));
    renameSync(`${path}.tmp`, path);
  }
  return { path, bytes: statSync(path).size };
}

async function* withoutMarks(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + chunk;
    const end = text.lastIndexOf("\n") + 1;
    yield text.slice(0, end).replace(/[^\p{L}\p{N}\p{M} \n]+/gu, "").replace(/ +/g, " ");
    rest = text.slice(end);
  }
}

/** A file whose content is cheap to say. */
export function madeFile(name: string, content: () => string): Data {
  const path = dataPath(name);
  if (!existsSync(path)) writeFileSync(path, content());
  return { path, bytes: statSync(path).size };
}

/** A path in the folder of inputs. */
export function dataPath(name: string): string {
  mkdirSync(FOLDER, { recursive: true });
  return join(FOLDER, name);
}

/** Where a program may write. */
export function outputPath(name: string): string {
  mkdirSync(join(FOLDER, "out"), { recursive: true });
  return join(FOLDER, "out", name.replace(/[^\w.-]+/g, "-"));
}
