import { InvalidArgumentError } from "commander";

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Bytes from `65521`, `64KiB`, `1.5 GB`. */
export function parseSize(text: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  const bytes = Math.floor(Number(number) * (factor ?? NaN));
  if (number === "" || !(bytes >= 1)) throw new InvalidArgumentError("give bytes, such as 65536, 64KiB or 1GB.");
  return bytes;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError("give a whole number, at least 1.");
  return count;
}

export function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) throw new InvalidArgumentError("give a number.");
  return number;
}

/** Milliseconds from `30s`, `10m`, `1h`, `500ms`. */
export function parseDuration(text: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  const factor = { ms: 1, s: 1e3, m: 60e3, h: 3600e3 }[unit];
  if (factor === undefined) throw new InvalidArgumentError("give a time, such as 500ms, 30s, 10m or 1h.");
  return Math.ceil(Number(number) * factor);
}

/** Gathers `name=value` pairs; a name given twice becomes a list. */
export function collectParam(text: string, params: Record<string, string | string[]>): Record<string, string | string[]> {
  const cut = text.indexOf("=");
  if (cut < 1) throw new InvalidArgumentError("give name=value.");
  const name = text.slice(0, cut);
  const value = text.slice(cut + 1);
  const known = Object.hasOwn(params, name) ? params[name]! : undefined;
  const gathered = known === undefined ? value : [known, value].flat();
  return Object.fromEntries([...Object.entries(params), [name, gathered]]);
}

/** `host:port` or `host`, an IPv6 address in brackets. */
export function parseListen(text: string): { readonly host: string; readonly port?: number } {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port ?? 0) > 65535) throw new InvalidArgumentError("give an address and a port, such as 10.0.0.5:7400.");
  return { host, ...(port === undefined ? {} : { port: Number(port) }) };
}
