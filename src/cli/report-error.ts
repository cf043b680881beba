import { CancelledError, InputError, InvalidJobError, JobFailedError, MillraceError, OutputError, UsageError } from "../errors.js";
import type { Failure } from "../model/failure.js";

const WRONG_USE = [UsageError, InvalidJobError, InputError, OutputError];

/** Exit codes: 1 the job failed or the cluster cannot be reached, 2 usage or an invalid job, 130 interrupted. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CancelledError) return 130;
  return WRONG_USE.some((each) => error instanceof each) ? 2 : 1;
}

/** What the terminal shows of an error: the cause in the first line, then where it happened. */
export function describeError(error: unknown): string {
  if (error instanceof JobFailedError) return describeFailure(error.failure);
  if (error instanceof MillraceError) return `error: ${error.message}`;
  return `error: ${error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error)}\nThis looks like a defect of Millrace; please report it with the job that shows it.`;
}

export function describeFailure({ kind, message, context, stack, file, offset, record }: Failure): string {
  const lines = [`error: ${message}`];
  const place = placeOf(file, offset, message);
  if (place !== undefined) lines.push(place);
  if (record !== undefined) lines.push(`  record: ${printable(record)}`);
  if (stack !== undefined && stack !== "") lines.push(indent(stack));
  if (context !== undefined) lines.push(`  ${context}`);
  const advice = ADVICE[kind];
  if (advice !== undefined) lines.push(`  ${advice}`);
  return lines.join("\n");
}

/** File and byte, unless the message tells them. */
function placeOf(file: string | undefined, offset: number | undefined, message: string): string | undefined {
  if (file !== undefined && !message.includes(file)) return `  in ${file}${offset === undefined ? "" : `, byte ${offset}`}`;
  return offset === undefined || message.includes(`byte ${offset}`) ? undefined : `  at byte ${offset}`;
}

const ADVICE: Partial<Record<Failure["kind"], string>> = {
  "bad-record": "To pass over such records: --on-bad-record skip, or quarantine to keep them beside the output.",
  internal: "This is a defect of Millrace; please report it with the job that shows it.",
};

/** A record may hold anything; a terminal must not act on it. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (character) => JSON.stringify(character).slice(1, -1).replace("\x7f", "\\u007f"));
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line.trimEnd()}`)
    .join("\n");
}
