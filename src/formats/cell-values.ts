/** Values of typed cells: what the text of a CSV or TSV field means for a column's type. */
import { assertNever } from "../model/assert-never.js";
import { describeType, type TypeSpec } from "../model/type-spec.js";
import { parseIsoDay, parseIsoTime } from "./iso-time.js";
import { recordConverter } from "./json-values.js";

export type ParseCell = (text: string, quoted: boolean) => unknown;

/** Throws a TypeError that names the type and shows the text when it does not fit. An unquoted empty field of a nullable column is null. */
export function cellParser(type: TypeSpec): ParseCell {
  const parse = plainParser(type);
  return type.nullable ? (text, quoted) => (text === "" && !quoted ? null : parse(text)) : parse;
}

function plainParser(type: TypeSpec): (text: string) => unknown {
  const misfit = (text: string): never => {
    throw new TypeError(`expected ${describeType(type)}, got ${JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)}`);
  };
  switch (type.kind) {
    case "utf8":
      return (text) => text;
    case "float64":
      return (text) => parseFloat64(text) ?? misfit(text);
    case "int32":
      return (text) => {
        const value = INTEGER.test(text) ? Number(text) : NaN;
        return value === (value | 0) ? value | 0 : misfit(text);
      };
    case "int64":
      return type.as === "number"
        ? (text) => (INTEGER.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) + 0 : misfit(text))
        : (text) => (INTEGER.test(text) && BigInt.asIntN(64, BigInt(text.replace("+", ""))) === BigInt(text.replace("+", "")) ? BigInt(text.replace("+", "")) : misfit(text));
    case "bool":
      return (text) => BOOLEANS.get(text) ?? misfit(text);
    case "timestamp":
      return (text) => new Date(parseIsoTime(text) ?? misfit(text));
    case "date":
      return (text) => new Date(parseIsoDay(text) ?? misfit(text));
    case "binary":
      return (text) => (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text) ? new Uint8Array(Buffer.from(text, "base64")) : misfit(text));
    case "json":
    case "list":
    case "struct": {
      const convert = recordConverter([{ name: "value", type }]);
      return (text) => {
        try {
          return convert({ value: JSON.parse(text) as unknown })["value"];
        } catch {
          return misfit(text);
        }
      };
    }
    default:
      return assertNever(type);
  }
}

const INTEGER = /^[+-]?\d{1,40}$/;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([["true", true], ["false", false], ["TRUE", true], ["FALSE", false], ["True", true], ["False", false], ["1", true], ["0", false]]);

/** A decimal number, or `NaN`, `Infinity`, `-Infinity` as they are printed; undefined for what is none. */
export function parseFloat64(text: string): number | undefined {
  const value = Number(text);
  if (value !== value) return text === "NaN" ? value : undefined;
  // Number() also takes spaces, an empty text, and 0x, 0o, 0b: these begin or end differently.
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  const isDecimal = ((first >= 48 && first <= 57) || first === 45 || first === 43 || first === 46) && ((last >= 48 && last <= 57) || last === 46 || last === 121);
  if (isDecimal && !(first === 48 && text.length > 1 && text.charCodeAt(1) > 57 && (text.charCodeAt(1) | 32) !== 101)) return value + 0;
  return text === "Infinity" ? value : undefined;
}
