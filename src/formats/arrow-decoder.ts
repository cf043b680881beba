/**
 * Which decoder reads an Arrow column as which type. With a schema only conversions that lose nothing are
 * made (but for decimals read as float64); without one each type has its natural JavaScript form.
 */
import { decodeUtf8 } from "../columnar/codec.js";
import { describeArrowType, type ArrowField } from "../columnar/ipc-schema.js";
import { assertNever } from "../model/assert-never.js";
import { describeType, type TypeSpec } from "../model/type-spec.js";
import { dictionaryDecoder, fixedListDecoder, listDecoder, structDecoder, type MemberDecoder } from "./arrow-nested.js";
import { boolDecoder, decimalDecoder, floatDecoder, int64Decoder, smallIntDecoder } from "./arrow-number.js";
import { binaryDecoder, copy, fixedBinaryDecoder, textDecoder, viewDecoder } from "./arrow-text.js";
import { dateDecoder, millisecondsDecoder, timestampDecoder } from "./arrow-time.js";
import { absent, TypeMismatch, ValueError, type Decoder } from "./arrow-values.js";

/** Throws TypeMismatch when the column cannot be read as `wanted`. */
export function decoderFor(field: ArrowField, wanted: TypeSpec | undefined, path = field.name): Decoder {
  if (field.dictionary === undefined) return plainDecoder(field, wanted, path);
  const nullable = wanted?.nullable ?? true;
  return dictionaryDecoder(nullable, field.dictionary.id, field.dictionary.index, plainDecoder(field, wanted, path));
}

function plainDecoder(field: ArrowField, wanted: TypeSpec | undefined, path: string): Decoder {
  const { type } = field;
  const nullable = wanted?.nullable ?? true;
  const kind = wanted?.kind;
  const mustWant = (...kinds: TypeSpec["kind"][]): void => {
    if (kind !== undefined && !kinds.includes(kind)) throw mismatch(field, wanted, path);
  };
  switch (type.kind) {
    case "null":
      if (!nullable) throw mismatch(field, wanted, path);
      return () => ({ get: () => absent(nullable), hasNulls: true });
    case "bool":
      mustWant("bool");
      return boolDecoder(nullable);
    case "int": {
      const fitsInt32 = type.bits < 32 || (type.bits === 32 && type.signed);
      if (wanted?.kind === "int64") return int64Decoder(nullable, type, wanted.as, true);
      if (kind === undefined && type.bits === 64) return int64Decoder(nullable, type, "bigint", false);
      if (type.bits === 64 || (kind === "int32" && !fitsInt32)) throw mismatch(field, wanted, path);
      mustWant("int32", "float64");
      return smallIntDecoder(nullable, type);
    }
    case "float":
      mustWant("float64");
      return floatDecoder(nullable, type.bits);
    case "decimal":
      mustWant("utf8", "float64");
      return decimalDecoder(nullable, type.bits, type.scale, kind === "float64" ? "number" : "text");
    case "date":
      mustWant("date", "timestamp");
      return dateDecoder(nullable, type.unit, kind === "date");
    case "timestamp":
      mustWant("timestamp");
      return timestampDecoder(nullable, type.unit);
    case "time":
    case "duration":
      mustWant("float64");
      return millisecondsDecoder(nullable, type.unit, type.kind === "time" ? type.bits : 64);
    case "utf8":
    case "large-utf8":
      mustWant("utf8", "json");
      return textDecoder(nullable, type.kind === "large-utf8", kind === "json" ? parseJson : undefined);
    case "utf8-view":
      mustWant("utf8", "json");
      return viewDecoder(nullable, kind === "json" ? (bytes, start, end) => parseJson(decodeUtf8(bytes, start, end)) : decodeUtf8, kind !== "json");
    case "binary":
    case "large-binary":
      mustWant("binary");
      return binaryDecoder(nullable, type.kind === "large-binary");
    case "binary-view":
      mustWant("binary");
      return viewDecoder(nullable, copy, false);
    case "fixed-binary":
      mustWant("binary");
      return fixedBinaryDecoder(nullable, type.width);
    case "list":
    case "large-list":
    case "map":
    case "fixed-list": {
      mustWant("list");
      const item = decoderFor(field.children[0]!, wanted?.kind === "list" ? wanted.item : undefined, `${path}[]`);
      return type.kind === "fixed-list" ? fixedListDecoder(nullable, type.size, item) : listDecoder(nullable, type.kind === "large-list", item);
    }
    case "struct":
      mustWant("struct");
      return structDecoder(nullable, membersOf(field, wanted, path));
    case "unreadable":
      throw new TypeMismatch(`column "${path}" is of Arrow's type ${type.name}, which Millrace does not read; leave it out by naming the columns that are needed`);
    default:
      return assertNever(type);
  }
}

function membersOf(field: ArrowField, wanted: TypeSpec | undefined, path: string): MemberDecoder[] {
  if (wanted?.kind !== "struct") {
    return field.children.map((child, i) => ({ name: child.name, child: i, decoder: decoderFor(child, undefined, `${path}.${child.name}`) }));
  }
  return wanted.fields.map(({ name, type }) => {
    const child = field.children.findIndex((each) => each.name === name);
    const found = field.children[child];
    if (found === undefined) throw mismatch(field, wanted, path);
    return { name, child, decoder: decoderFor(found, type, `${path}.${name}`) };
  });
}

function mismatch(field: ArrowField, wanted: TypeSpec | undefined, path: string): TypeMismatch {
  return new TypeMismatch(`column "${path}" is ${describeArrowType(field)} in the file, which cannot be read as ${wanted === undefined ? "a value" : describeType(wanted)}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ValueError(`is no JSON: ${(error as Error).message}`);
  }
}
