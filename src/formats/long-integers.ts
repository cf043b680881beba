/** Integers of so many digits and more may lie beyond 2^53, where JSON.parse rounds. */
const LONG = /^-?\d{16,}$/;
const QUOTE = 34;
const BACKSLASH = 92;

/** The same JSON with its long integers as strings of digits, so that JSON.parse keeps them exact. Takes valid JSON. */
export function quoteLongIntegers(json: string): string {
  let quoted = "";
  let copied = 0;
  for (let at = 0; at < json.length; ) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = behindString(json, at);
    else if (!inNumber(code)) at++;
    else {
      const start = at;
      while (at < json.length && inNumber(json.charCodeAt(at))) at++;
      const token = json.slice(start, at);
      if (!LONG.test(token)) continue;
      quoted += `${json.slice(copied, start)}"${token}"`;
      copied = at;
    }
  }
  return quoted + json.slice(copied);
}

function behindString(json: string, start: number): number {
  let at = start + 1;
  for (; at < json.length && json.charCodeAt(at) !== QUOTE; at++) if (json.charCodeAt(at) === BACKSLASH) at++;
  return at + 1;
}

/** Digits and `+ - . E e`. The `e` of `true` and `false` is met too, and makes no long integer. */
function inNumber(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46 || code === 69 || code === 101;
}
