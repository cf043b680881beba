/**
 * A split is a part of one input that a map task reads in one go. Splits are planned once and recorded with the
 * input's size and modification time, so that a change of the input is noticed instead of mixed in.
 */
export interface Split {
  readonly file: InputFile;
  /**
   * Half-open range. Bytes of the file for byte formats: a record belongs to the split in which its first
   * byte lies. Record batch numbers for Arrow files. Whole file for compressed and unsplittable ones.
   */
  readonly start: number;
  readonly end: number;
}

export interface InputFile {
  readonly path: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Nanoseconds, as decimal digits. */
  readonly mtime: string;
  readonly compression: "none" | "gzip" | "brotli" | "zstd";
  /** Stored bytes of each record batch, for Arrow files only: what the planner groups into splits. */
  readonly batchBytes?: readonly number[];
  /** Set inside an attempt whose machine cannot open `path`: where the bytes come from instead. Never on the wire. */
  readonly remote?: RemoteInput;
}

/** An input that lies on another machine and is read through its block server. */
export interface RemoteInput {
  /** host:port */
  readonly address: string;
  readonly name: string;
  /** The job's token. */
  readonly token: string;
  /** Path where a copy may be kept. */
  readonly copy: string;
}

export function wholeFile(file: InputFile): Split {
  return { file, start: 0, end: file.batchBytes?.length ?? file.size };
}

export function isWholeFile({ file, start, end }: Split): boolean {
  return start === 0 && end === wholeFile(file).end;
}

/** Bytes as stored. */
export function splitBytes({ file, start, end }: Split): number {
  return file.batchBytes === undefined ? end - start : file.batchBytes.slice(start, end).reduce((sum, size) => sum + size, 0);
}
