// All kernels, compiled into one module. Each file holds one kernel; memory is laid out by the caller.
export { indexNewlines } from "./newlines";
export { indexCells, wholeRecords } from "./cell-index";
export { readFloats, readIntegers } from "./cell-numbers";
export { copyTexts } from "./cell-text";
export { encodeTexts, encodeText } from "./cell-keys";
