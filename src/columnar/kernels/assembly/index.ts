// All kernels, compiled into one module. Each file holds one kernel; memory is laid out by the caller.
export { indexNewlines } from "./newlines";
