// All kernels, compiled into one module. Each file holds one kernel; memory is laid out by the caller.
export { indexNewlines } from "./newlines";
export { sortRows } from "./sort-rows";
export { placeRows, gatherRows } from "./gather-rows";
export { rangeCodes } from "./range-codes";
export { copyKeys, scatterRecords } from "./scatter-records";
