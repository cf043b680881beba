/**
 * Says what keeps `json` from being JSON and where, in V8's words: "Expected ':' after property name in JSON
 * at position 5". V8 leaves the position out for an unexpected token, so it is searched for: every prefix
 * that holds the token fails with the same complaint, and no shorter one does.
 */
export function describeJsonFault(json: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!isUnexpectedToken(message)) return message.replace(/ \(line \d+ column \d+\)$/, "");
  let without = 0;
  let within = json.length;
  while (within - without > 1) {
    const middle = (without + within) >> 1;
    if (isUnexpectedToken(complaint(json.slice(0, middle)))) within = middle;
    else without = middle;
  }
  return `Unexpected token ${JSON.stringify(json[within - 1])} in JSON at position ${within - 1}`;
}

function isUnexpectedToken(message: string): boolean {
  return message.startsWith("Unexpected token");
}

function complaint(json: string): string {
  try {
    JSON.parse(json);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}
