import { writevSync } from "node:fs";

/**
 * Linux takes new pages of a file as large as the write that fills them, up to 2 MiB, and those of more than 32 KiB that were
 * freed go back to the host of a virtual machine at once, if it takes free memory back: to fill one anew costs up to ten times
 * a copy. Where nobody does so, writes of 32 KiB cost 0.1 to 0.2 s a GB more than large ones.
 */
const WRITE_BYTES = 32 << 10;

/** Writes pieces one behind the other from `position` on, all of them, or throws what the system says. */
export function writePieces(file: number, pieces: readonly Uint8Array[], position: number): void {
  let left = pieces;
  while (left.length > 0) {
    const written = writevSync(file, head(left, WRITE_BYTES), position);
    position += written;
    left = tail(left, written);
  }
}

/** The first so many bytes of pieces. */
function head(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const taken: Uint8Array[] = [];
  for (const piece of pieces) {
    taken.push(piece.length > bytes ? piece.subarray(0, bytes) : piece);
    bytes -= piece.length;
    if (bytes <= 0) break;
  }
  return taken;
}

/** What is behind the first so many bytes of pieces. */
function tail(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  const at = pieces.findIndex((piece) => (bytes -= piece.length) < 0);
  return at < 0 ? [] : [pieces[at]!.subarray(pieces[at]!.length + bytes), ...pieces.slice(at + 1)];
}
