/** Prints values of a schema as JSON: the listed members in their order, each checked against its type. */
import { assertNever } from "../model/assert-never.js";
import { showValue } from "../model/show-value.js";
import { describeType, type FieldSpec, type TypeSpec } from "../model/type-spec.js";
import { startOfDay, toInt64 } from "../columnar/codec.js";
import { printIsoDay } from "./iso-time.js";
import { inside, jsonTextOf, NoJsonError, printBinary, printNumber, printTime, quote } from "./json-text.js";

type Print = (value: unknown) => string;

/** Throws NoJsonError with the path of the member that does not fit. */
export function jsonPrinter(fields: readonly FieldSpec[]): Print {
  return structPrinter(fields, (value) => {
    throw new NoJsonError(`expected an object with the members of the schema, got ${showValue(value)}`);
  });
}

function structPrinter(fields: readonly FieldSpec[], misfit: (value: unknown) => never): Print {
  const members = fields.map(({ name, type }, i) => ({ name, inherited: name in Object.prototype, lead: `${i > 0 ? "," : "{"}${quote(name)}:`, print: printer(type) }));
  const tail = members.length > 0 ? "}" : "{}";
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return misfit(value);
    let text = "";
    let at = "";
    try {
      for (const { name, inherited, lead, print } of members) {
        at = name;
        // A class may have getters for members, but what every object inherits is no member.
        const member = inherited && !Object.hasOwn(value, name) ? undefined : (value as Record<string, unknown>)[name];
        text += lead + print(member);
      }
    } catch (error) {
      throw inside(`.${at}`, error);
    }
    return text + tail;
  };
}

function listPrinter(item: Print): (items: readonly unknown[]) => string {
  return (items) => {
    let text = "[";
    let i = 0;
    try {
      for (; i < items.length; i++) text += i > 0 ? `,${item(items[i])}` : item(items[i]);
    } catch (error) {
      throw inside(`[${i}]`, error);
    }
    return `${text}]`;
  };
}

function printer(type: TypeSpec): Print {
  const print = plainPrinter(type);
  return type.nullable ? (value) => (value === null || value === undefined ? "null" : print(value)) : print;
}

function plainPrinter(type: TypeSpec): Print {
  const misfit = (value: unknown): never => {
    throw new NoJsonError(`expected ${describeType(type)}, got ${showValue(value)}`);
  };
  switch (type.kind) {
    case "utf8":
      return (value) => (typeof value === "string" ? quote(value) : misfit(value));
    case "bool":
      return (value) => (typeof value === "boolean" ? String(value) : misfit(value));
    case "int32":
      return (value) => (typeof value === "number" && value === (value | 0) ? String(value) : misfit(value));
    case "float64":
      return (value) => (typeof value === "number" ? printNumber(value) : misfit(value));
    case "int64":
      return (value) => String(toInt64(value, type.as) ?? misfit(value));
    case "timestamp":
      return (value) => (value instanceof Date ? printTime(value) : misfit(value));
    case "date":
      return (value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? `"${printIsoDay(startOfDay(value.getTime()))}"` : misfit(value));
    case "binary":
      return (value) => (value instanceof Uint8Array ? printBinary(value) : misfit(value));
    case "json":
      return (value) => (value === undefined ? misfit(value) : jsonTextOf(value));
    case "list": {
      const print = listPrinter(printer(type.item));
      return (value) => (Array.isArray(value) ? print(value as unknown[]) : misfit(value));
    }
    case "struct":
      return structPrinter(type.fields, misfit);
    default:
      return assertNever(type);
  }
}
