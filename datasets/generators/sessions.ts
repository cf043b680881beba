import { ByteTable } from "./byte-table.js";
import { writePadded } from "./digits.js";
import type { Generator } from "./generator.js";
import { Random } from "./random.js";
import { Zipf } from "./zipf.js";

const USERS = 100_000;
const START = Date.UTC(2025, 0, 1);
const STEP_MS = 40;
const LATENESS_MS = 3_600_000;
const TAB = 9;
const LETTER_U = 117;

/** Repeated ones are commoner. */
const ACTIONS = "view view view view view search search click click login logout add-to-cart checkout purchase error".split(" ");

/**
 * Lines `user<TAB>timestamp<TAB>action`: user ids by Zipf's law, milliseconds since 1970 in 13 digits, so that they
 * sort as text and as numbers alike. Events come up to an hour late: a job must sort each user's by time.
 */
export const sessions: Generator = {
  kind: "sessions",
  description: `"user<TAB>epoch ms<TAB>action" lines, out of order by up to an hour, ${USERS.toLocaleString("en")} users by Zipf`,
  extension: ".tsv",
  maxRecordBytes: 64,
  open(seed) {
    const random = new Random(seed, "sessions");
    const users = new Zipf(USERS);
    const actions = new ByteTable(ACTIONS.map((action) => `\t${action}\n`));
    return {
      write(index, out, at) {
        random.seek(index);
        out[at] = LETTER_U;
        at = writePadded(users.sample(random), 6, out, at + 1);
        out[at++] = TAB;
        at = writePadded(START + index * STEP_MS + random.below(LATENESS_MS), 13, out, at);
        return actions.write(random.below(ACTIONS.length), out, at);
      },
    };
  },
};
