/**
 * A block connection is one TCP connection to a block server. It carries one request at a time, and the kernel
 * writes the body of the answer straight into the memory that the caller gets: node:http would hand it over in
 * pieces of 64 KiB to be copied once more, which costs 0.3 s more for each GB. It reads as much of HTTP/1.1 as
 * block servers write: a head, then as many bytes as that says.
 *
 *     resting -> head -> body -> resting      and closed from anywhere, which fails the request under way
 */
import { connect, type Socket } from "node:net";

export interface AnswerHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly length: number;
}

export interface Answer extends AnswerHead {
  readonly body: Uint8Array;
}

export interface Question {
  /** The request, headers and all. */
  readonly text: string;
  /** What is wrong with an answer that begins so; it is not read any further. */
  readonly objection: (head: AnswerHead) => Error | undefined;
}

type State =
  | { readonly type: "resting" }
  | { readonly type: "closed"; readonly cause: Error }
  | ({ readonly type: "head" } & Asked)
  | ({ readonly type: "body"; readonly head: AnswerHead; readonly body: Uint8Array } & Asked);

interface Asked {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** No connection came about in all the time that one may take: to try again at once is in vain. */
export class Unreachable extends Error {}

const HEAD_BYTES = 8 << 10;
const END_OF_HEAD = "\r\n\r\n";

export class BlockConnection {
  /** host:port */
  readonly address: string;
  readonly #socket: Socket;
  readonly #head = Buffer.allocUnsafeSlow(HEAD_BYTES);
  #state: State = { type: "resting" };
  /** Bytes that have come of the head, or of the body. */
  #filled = 0;

  /** `patience`: milliseconds after which it closes when no byte goes either way, at work or at rest; `connectWithin`: in which it must come about. */
  constructor(address: string, patience: number, connectWithin: number) {
    this.address = address;
    const cut = address.lastIndexOf(":");
    const [host, port] = [address.slice(0, cut).replace(/^\[|\]$/g, ""), Number(address.slice(cut + 1))];
    const onread = { buffer: () => this.#room(), callback: (count: number) => (this.#arrived(count), true) };
    this.#socket = connect({ host, port, noDelay: true, timeout: patience, onread });
    this.#socket.on("timeout", () => this.close(new Error(`sent no byte for ${patience} ms`)));
    this.#socket.on("error", (error) => this.close(error));
    this.#socket.on("end", () => this.close(new Error(`broke off after ${this.#filled} bytes`)));
    this.#socket.on("close", () => this.close(new Error("closed")));
    // A thread that was busy sees the time run out before it sees the connection: so it looks again.
    const late = setTimeout(() => setImmediate(() => this.#socket.connecting && this.close(new Unreachable(`could not be reached within ${connectWithin} ms`))), connectWithin);
    for (const event of ["connect", "close"]) this.#socket.once(event, () => clearTimeout(late));
  }

  get closed(): boolean {
    return this.#state.type === "closed";
  }

  /** Rejects with what befell the connection, or with the question's objection. */
  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#state.type === "closed") return reject(this.#state.cause);
      this.#become({ type: "head", question, resolve, reject });
      this.#socket.write(question.text, "latin1");
    });
  }

  close(cause: Error): void {
    const state = this.#state;
    if (state.type === "closed") return;
    this.#state = { type: "closed", cause };
    this.#socket.destroy();
    if (state.type !== "resting") state.reject(cause);
  }

  #become(state: State): void {
    this.#state = state;
    this.#filled = 0;
  }

  /** Where the next bytes go. */
  #room(): Uint8Array {
    return this.#state.type === "body" ? this.#state.body.subarray(this.#filled) : this.#head.subarray(this.#filled);
  }

  #arrived(count: number): void {
    const state = this.#state;
    this.#filled += count;
    if (state.type === "head") this.#readHead(state);
    else if (state.type === "body") this.#finishBody(state);
    else this.close(new Error("sent what nobody asked for"));
  }

  #readHead(asked: Asked): void {
    const come = this.#head.subarray(0, this.#filled);
    const end = come.indexOf(END_OF_HEAD);
    if (end < 0 && this.#filled < HEAD_BYTES) return;
    const head = end < 0 ? undefined : parseHead(come.toString("latin1", 0, end));
    if (head === undefined) return this.close(new Error("sent what is no answer"));
    const objection = asked.question.objection(head);
    if (objection !== undefined) return this.close(objection);
    const begun = come.subarray(end + END_OF_HEAD.length);
    if (begun.length > head.length) return this.close(new Error("sent more than it said"));
    // Memory of its own: blocks are views of it, and begin where it is aligned.
    const body = new Uint8Array(Buffer.allocUnsafeSlow(head.length).buffer);
    body.set(begun);
    const state = { ...asked, type: "body", head, body } as const;
    this.#become(state);
    this.#filled = begun.length;
    this.#finishBody(state);
  }

  #finishBody({ head, body, resolve }: State & { type: "body" }): void {
    if (this.#filled < body.length) return;
    this.#become({ type: "resting" });
    if (head.headers.get("connection") === "close") this.close(new Error("closed"));
    resolve({ ...head, body });
  }
}

function parseHead(text: string): AnswerHead | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? NaN);
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  const length = /^\d{1,15}$/.exec(headers.get("content-length") ?? "") === null ? NaN : Number(headers.get("content-length"));
  return Number.isNaN(status + length) || headers.has("transfer-encoding") ? undefined : { status, headers, length };
}
