import { UsageError } from "../errors.js";
import type { ParamIssue, ParamsSchema } from "./define-job.js";

type Given = Readonly<Record<string, string | readonly string[]>>;

/**
 * Turns `--param` texts into what the job's schema describes. Each is first offered as the text it is; where
 * the schema wants something else, as the JSON it spells (`5`, `true`, `["a"]`), and then as a list of one.
 */
export function parseParams(schema: ParamsSchema<unknown> | undefined, given: Given): unknown {
  if (schema === undefined) {
    const [name] = Object.keys(given);
    if (name !== undefined) throw new UsageError(`--param ${name}: this job has no parameters (it declares no \`params\` schema)`);
    return {};
  }
  checkNames(schema, given);
  let values: Record<string, unknown> = { ...given };
  for (const retype of [asJson, asList]) {
    const parsed = schema.safeParse(values);
    if (parsed.success) return parsed.data;
    values = retyped(values, parsed.error.issues, retype);
  }
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const first = schema.safeParse({ ...given });
  throw new UsageError(describeIssues(first.success ? parsed.error.issues : first.error.issues, given));
}

function retyped(values: Record<string, unknown>, issues: readonly ParamIssue[], retype: (value: unknown) => unknown): Record<string, unknown> {
  const wrong = new Set(issues.map((issue) => String(issue.path[0])));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, wrong.has(name) ? retype(value) : value]));
}

function asJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJson);
  try {
    return JSON.parse(String(value)) as unknown;
  } catch {
    return value;
  }
}

function asList(value: unknown): unknown {
  return Array.isArray(value) ? value : [value];
}

/** zod drops members that it does not know: a mistyped name would go unnoticed. */
function checkNames(schema: ParamsSchema<unknown>, given: Given): void {
  const { shape } = schema as { shape?: object };
  if (typeof shape !== "object" || shape === null) return;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(shape, name)) throw new UsageError(`--param ${name}: this job has no such parameter; it has ${Object.keys(shape).join(", ") || "none"}`);
  }
}

function describeIssues(issues: readonly ParamIssue[], given: Given): string {
  return issues
    .map((issue) => {
      const name = String(issue.path[0] ?? "");
      if (name === "") return `--param: ${issue.message}`;
      return Object.hasOwn(given, name) ? `--param ${name}=${String(given[name])}: ${issue.message}` : `--param ${name}=... is missing: ${issue.message}`;
    })
    .join("\n");
}
