/** The example, by the name that benches have. */
export { default } from "../../jobs/tera-sort.js";
