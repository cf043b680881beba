// DuckDB's part in each race: job, input, output, threads. One SQL statement from file to file.
import { DuckDBInstance } from "@duckdb/node-api";

const [job, input, output, threads] = process.argv.slice(2);
const text = (path) => `'${path.replaceAll("'", "''")}'`;
// The fastest ways found to read lines: one column, no delimiter that occurs, no quotes.
const lines = `read_csv(${text(input)}, columns = {'line': 'VARCHAR'}, header = false, delim = '\\x01', quote = '', escape = '', auto_detect = false, max_line_size = 10000000)`;
const groupby = `read_csv(${text(input)}, header = true, delim = ',', quote = '', auto_detect = false, columns = {'id1': 'VARCHAR', 'id2': 'VARCHAR', 'id3': 'VARCHAR', 'id4': 'INTEGER', 'id5': 'INTEGER', 'id6': 'INTEGER', 'v1': 'DOUBLE', 'v2': 'DOUBLE', 'v3': 'DOUBLE'})`;
const categories = `read_csv(${text(process.env.CATEGORIES ?? "")}, header = true, columns = {'id6': 'INTEGER', 'category': 'VARCHAR'}, auto_detect = false)`;
const toTsv = "(FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '')";

const queries = {
  words: [`SELECT word, count(*) FROM (SELECT unnest(string_split(line, ' ')) AS word FROM ${lines}) WHERE word <> '' GROUP BY word`, toTsv],
  stations: [`SELECT station, min(t), avg(t), max(t) FROM read_csv(${text(input)}, header = false, delim = ';', quote = '', auto_detect = false, columns = {'station': 'VARCHAR', 't': 'DOUBLE'}) GROUP BY station`, toTsv],
  "group-few": [`SELECT id1, sum(v1) FROM ${groupby} GROUP BY id1`, toTsv],
  "group-many": [`SELECT id3, sum(v1), avg(v3) FROM ${groupby} GROUP BY id3`, toTsv],
  join: [`SELECT category, sum(v1) FROM ${groupby} JOIN ${categories} USING (id6) GROUP BY category`, toTsv],
  "group-rows": [`SELECT id3, count(*), sum(length(line)) FROM (SELECT split_part(line, ',', 3) AS id3, line FROM ${lines} WHERE NOT starts_with(line, 'id1,')) GROUP BY id3`, toTsv],
  sort: [`SELECT line FROM (SELECT rtrim(line, chr(13)) AS line FROM ${lines}) ORDER BY substr(line, 1, 10)`, "(FORMAT csv, DELIMITER '\x01', HEADER false, QUOTE '', ESCAPE '')"],
};

const [query, format] = queries[job];
const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
await connection.run("SET preserve_insertion_order = false");
if (process.env.MEMORY_LIMIT !== undefined) await connection.run(`SET memory_limit = '${process.env.MEMORY_LIMIT}'`);
await connection.run(`COPY (${query}) TO ${text(output)} ${format}`);
