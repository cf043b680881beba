import { open } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { encodeRawBlock } from "../columnar/raw-block.js";
import { errorText } from "../errors.js";
import type { InputFile } from "../model/split.js";
import { MAX_PIECE } from "../storage/block-client.js";
import { verifyInputs } from "../storage/list-inputs.js";
import { errnoOf } from "../storage/write-failure.js";
import { refuse, type Sent } from "./send-file.js";

/**
 * Answers with bytes [from, to) of an input as a raw block. An input that is not as it was planned is 409, one
 * that cannot be read 422, each with the reason; it is compared after the bytes were read, so what is given
 * out is what was planned.
 */
export async function sendInput(response: ServerResponse, name: string, file: InputFile, from: number, to: number): Promise<Sent> {
  if (from >= to || to > file.size || to - from > MAX_PIECE) return refuse(response, 416);
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readPiece(file.path, from, to);
    await verifyInputs([file]);
  } catch (error) {
    return explain(response, errnoOf(error) === undefined || errnoOf(error) === "ENOENT" ? 409 : 422, errorText(error));
  }
  // Too short, and yet of the right size: it is being written to.
  if (bytes === undefined) return explain(response, 409, `Input ${file.path} changed while it was read`);
  const { message, crc } = encodeRawBlock(`${name}/${from}-${to}`, bytes);
  response.writeHead(200, { "content-type": "application/vnd.apache.arrow.stream", "content-length": message.length, "x-block-crc": crc.toString(16) });
  response.end(message);
  return { status: 200, bytes: message.length };
}

async function readPiece(path: string, from: number, to: number): Promise<Uint8Array | undefined> {
  const file = await open(path, "r");
  try {
    const bytes = Buffer.allocUnsafeSlow(to - from);
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, from + done);
      if (bytesRead === 0) return undefined;
      done += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

function explain(response: ServerResponse, status: number, reason: string): Sent {
  const body = Buffer.from(reason);
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "content-length": body.length }).end(body);
  return { status, bytes: body.length };
}
