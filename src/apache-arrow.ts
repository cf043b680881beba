/** The copy of apache-arrow that this installation reads and writes with: bundles of jobs get it, too (job/bundle-cache.ts). */
export * from "apache-arrow";
