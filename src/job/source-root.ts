/** Stands before the sources of a job in source maps, and so in stack traces, whatever machine they are on. */
export const SOURCE_ROOT = "job:///";
