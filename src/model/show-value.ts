/** A value as error messages show it: short, with its type, safe for a terminal. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `${shorten(JSON.stringify(value))} (string)`;
  if (typeof value === "object") return `${shorten(preview(value))} (${value.constructor?.name ?? "object"})`;
  return `${shorten(String(value))} (${typeof value})`;
}

function preview(value: object): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  try {
    return JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? `${member}` : member)) ?? "{}";
  } catch {
    return "{...}";
  }
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
