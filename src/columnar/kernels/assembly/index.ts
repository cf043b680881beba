// All kernels, compiled into one module. Each file holds one kernel; memory is laid out by the caller.
export { mixStripes } from "./mix-stripes";
export { sortRows } from "./sort-rows";
export { placeRows, gatherRows } from "./gather-rows";
export { rangeCodes } from "./range-codes";
export { copyKeys, scatterRecords } from "./scatter-records";
export { lastRecordEnd, scanCsv } from "./csv-scan";
export { indexCells, wholeRecords } from "./cell-index";
export { placeConstants } from "./digits";
export { readFloats, readIntegers } from "./cell-numbers";
export { copyTexts } from "./cell-text";
export { findMembers } from "./json-members";
export { encodeTexts } from "./cell-keys";
export { addNumbers } from "./add-numbers";
export { encodeKeys, placeTable, readHits, tableSize } from "./key-table";
export { findForeign, markWords } from "./words";
export { countWords } from "./count-words";
export { narrowText } from "./narrow-text";
export { copyLines } from "./copy-lines";
