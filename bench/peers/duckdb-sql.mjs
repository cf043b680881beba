// DuckDB's part in the races of shapes: name, input (named in QUERY), output, threads.
import { DuckDBInstance } from "@duckdb/node-api";

const [, , output, threads] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
await connection.run("SET preserve_insertion_order = false");
await connection.run(`COPY (${process.env.QUERY}) TO '${output.replaceAll("'", "''")}' (FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '', ESCAPE '')`);
