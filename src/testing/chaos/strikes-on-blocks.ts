import { closeSync, copyFileSync, openSync, readSync, renameSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { attemptFailed, type Evidence, type Strike } from "./strike.js";
import type { Scene } from "./scene.js";

/** Of map outputs on the disks of workers. */
export const STRIKES_ON_BLOCKS: Readonly<Record<string, Strike>> = {
  "blocks: a bit flipped": (scene, phase) => {
    for (const file of half(scene, scene.blockFiles("data"))) flipBit(file, scene);
    return detection(scene, phase);
  },
  "blocks: index, a bit flipped": (scene, phase) => {
    for (const file of half(scene, scene.blockFiles("index"))) flipBit(file, scene);
    return detection(scene, phase);
  },
  "blocks: truncated": (scene, phase) => {
    for (const file of half(scene, scene.blockFiles("data"))) truncateSync(file, scene.random.between(0, statSync(file).size >> 1));
    return detection(scene, phase);
  },
  "blocks: swapped": (scene, phase) => {
    const files = scene.blockFiles("data");
    if (files.length < 2) throw new Error("there are no two blocks to swap");
    for (let i = 0; i + 1 < files.length; i += 2) swap(files[i]!, files[i + 1]!);
    return detection(scene, phase);
  },
  "blocks: deleted": (scene, phase) => {
    for (const file of half(scene, [...scene.blockFiles("data"), ...scene.blockFiles("index")])) rmSync(file);
    return detection(scene, phase);
  },
};

/** In later phases it may be that nobody reads these blocks any more. */
function detection(scene: Scene, phase: string): Evidence | void {
  if (phase === "mapping") return attemptFailed(scene, "fetch-failed");
}

/** At least one. */
function half({ random }: Scene, files: readonly string[]): string[] {
  if (files.length === 0) throw new Error("there is no map output to damage");
  const first = random.between(0, files.length - 1);
  return files.filter((_, i) => i === first || random.chance(0.5));
}

/** In the middle of the file: its first and last bytes are those of the file's format, which no reduce reads. */
function flipBit(file: string, { random }: Scene): void {
  const { size } = statSync(file);
  const at = random.between(size >> 2, (size >> 2) * 3);
  const handle = openSync(file, "r+");
  const byte = new Uint8Array(1);
  readSync(handle, byte, 0, 1, at);
  writeSync(handle, Uint8Array.of(byte[0]! ^ (1 << (at % 8))), 0, 1, at);
  closeSync(handle);
}

function swap(a: string, b: string): void {
  copyFileSync(a, `${a}.swap`);
  renameSync(b, a);
  renameSync(`${a}.swap`, b);
}
