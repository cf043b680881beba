/**
 * How a shipped input is read: piece by piece from the block server that has it, each as a block that is
 * verified before it is taken. The server compares the file with what was planned after it has read a
 * piece, so that every piece is of the planned file; a change is the same failure as for a file that lies here.
 */
import { decodeRawBlock } from "../columnar/raw-block.js";
import { TaskFailure } from "../errors.js";
import type { InputFile, RemoteInput } from "../model/split.js";
import { BlockClient, FetchError, MAX_PIECE } from "../storage/block-client.js";
import { badInput } from "./bad-input.js";

const TRIES = 3;
/** Bytes of a block beyond those that it carries. */
const BLOCK_OVERHEAD = 4 << 10;

export class RemoteInputReader {
  readonly #file: InputFile;
  readonly #remote: RemoteInput;
  readonly #client: BlockClient;

  constructor(file: InputFile, remote: RemoteInput) {
    this.#file = file;
    this.#remote = remote;
    this.#client = new BlockClient({ token: remote.token, connections: 2 });
  }

  /** Bytes [from, to) of the file as stored, at most MAX_PIECE. Rejects with TaskFailure. */
  async piece(from: number, to: number): Promise<Uint8Array> {
    let cause: Error | undefined;
    for (let tries = 0; tries < TRIES; tries++) {
      try {
        return await this.#fetch(from, to);
      } catch (error) {
        if (!(error instanceof FetchError)) throw error;
        this.#giveUpIfWrong(error);
        cause = error;
      }
    }
    const message = `Input ${this.#file.path} cannot be fetched from the coordinator's machine: ${cause!.message}`;
    throw new TaskFailure({ kind: "io-error", message, file: this.#file.path }, { cause });
  }

  close(): void {
    this.#client.close();
  }

  async #fetch(from: number, to: number): Promise<Uint8Array> {
    const { address, name } = this.#remote;
    const { bytes: message, headers } = await this.#client.fetch({ address, path: `/inputs/${name}/${from}-${to}`, limit: MAX_PIECE + BLOCK_OVERHEAD });
    const bytes = decodeRawBlock(`${name}/${from}-${to}`, { message, crc: parseInt(headers.get("x-block-crc") ?? "", 16) }, to - from);
    if (bytes === undefined) throw new FetchError(`bytes ${from} to ${to} fail their checksum`);
    return bytes;
  }

  /** What the server says about the file itself will be the same the next time. */
  #giveUpIfWrong({ status, reason }: FetchError): void {
    const { path } = this.#file;
    if (status === 409) throw new TaskFailure({ kind: "input-changed", message: reason, file: path });
    if (status === 422) throw badInput(path, `cannot be read: ${reason}`);
  }
}

export { MAX_PIECE };
