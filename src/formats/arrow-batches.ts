/** The stored bytes of each record batch of an Arrow file: what the planner groups into splits. */
import { ArrowFormatError } from "../columnar/arrow-format-error.js";
import { InputError } from "../errors.js";
import { readArrowFile } from "./arrow-file.js";
import { PositionedFile } from "./positioned-file.js";

/** Reads the footer of a file, or the headers of a stream. Throws InputError when it is neither. */
export async function arrowBatchBytes(path: string): Promise<number[]> {
  let file: PositionedFile | undefined;
  try {
    file = new PositionedFile(path);
    return readArrowFile(file).batches.map((place) => place.headLength + place.bodyLength);
  } catch (error) {
    if (error instanceof ArrowFormatError) throw new InputError(`${path} cannot be read as Arrow: ${error.message}`, { cause: error });
    throw new InputError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  } finally {
    file?.close();
  }
}
