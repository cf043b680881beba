import type { InputFile, RemoteInput } from "../model/split.js";
import type { StoredSource } from "./plain-source.js";
import { MAX_PIECE, RemoteInputReader } from "./remote-input.js";

/** What is asked for at least: a request costs about as much as so many bytes. */
const LEAST = 64 << 10;
/** Who asks for this much reads on: the next piece is fetched meanwhile. */
const LONG = 256 << 10;

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly bytes: Promise<Uint8Array>;
}

/** The stored bytes of a shipped input, as PlainSource gives those of a file that lies here. */
export class RemoteSource implements StoredSource {
  storedPosition: number;
  private readonly size: number;
  private readonly reader: RemoteInputReader;
  private loaded: { readonly start: number; readonly bytes: Uint8Array } = { start: 0, bytes: new Uint8Array(0) };
  private next: Piece | undefined;

  constructor(file: InputFile, remote: RemoteInput, start: number) {
    this.size = file.size;
    this.storedPosition = start;
    this.reader = new RemoteInputReader(file, remote);
  }

  read(target: Uint8Array): number | Promise<number> {
    const count = this.readAt(target, this.storedPosition);
    if (typeof count !== "number") return count.then((later) => this.passed(later));
    return this.passed(count);
  }

  readAt(target: Uint8Array, position: number): number | Promise<number> {
    if (position >= this.size || target.length === 0) return 0;
    return this.take(target, position) || this.load(target, position);
  }

  /** Each piece was compared when it was read. */
  verifyUnchanged(): void {}

  close(): void {
    this.reader.close();
  }

  private passed(count: number): number {
    this.storedPosition += count;
    return count;
  }

  private take(target: Uint8Array, position: number): number {
    const { start, bytes } = this.loaded;
    if (position < start || position >= start + bytes.length) return 0;
    const taken = bytes.subarray(position - start, position - start + target.length);
    target.set(taken);
    return taken.length;
  }

  private async load(target: Uint8Array, position: number): Promise<number> {
    const ahead = this.next !== undefined && this.next.start <= position && position < this.next.end;
    const piece = ahead ? this.next! : this.fetch(position, target.length);
    this.next = target.length >= LONG && piece.end < this.size ? this.fetch(piece.end, target.length) : undefined;
    this.loaded = { start: piece.start, bytes: await piece.bytes };
    return this.take(target, position);
  }

  private fetch(start: number, wanted: number): Piece {
    const end = Math.min(this.size, start + Math.min(MAX_PIECE, Math.max(LEAST, wanted)));
    const bytes = this.reader.piece(start, end);
    // Fetched ahead, it may fail unseen; who comes to need it sees the error.
    bytes.catch(() => {});
    return { start, end, bytes };
  }
}
