import test from "ava";
import fc from "fast-check";
import { parseIsoDay, parseIsoTime, printIsoDay } from "./iso-time.js";

const dates = fc.date({ noInvalidDate: true });

test("every time reads back from its ISO text", (assert) => {
  fc.assert(fc.property(dates, (date) => assert.is(parseIsoTime(date.toISOString()), date.getTime())));
});

test("every day reads back from its text", (assert) => {
  fc.assert(
    fc.property(dates, (date) => {
      const midnight = new Date(date).setUTCHours(0, 0, 0, 0);
      assert.is(parseIsoDay(printIsoDay(midnight)), midnight);
    }),
  );
});

test("zones, missing parts and long fractions are understood", (assert) => {
  const noon = Date.UTC(2024, 1, 29, 12);
  for (const text of ["2024-02-29T12:00Z", "2024-02-29 12:00:00", "2024-02-29T12:00:00.000000001Z", "2024-02-29T14:30:00+02:30", "2024-02-29T06:00-0600"]) {
    assert.is(parseIsoTime(text), noon, text);
  }
  assert.is(parseIsoTime("2024-02-29"), Date.UTC(2024, 1, 29));
  for (const year of ["0000", "0004", "0099", "0100", "1900", "2000"]) {
    const found = parseIsoDay(`${year}-02-29`);
    assert.is(found, new Date(`${year}-02-29`).toISOString().startsWith(`${year}-02-29`) ? Date.parse(`${year}-02-29`) : undefined, year);
  }
  assert.is(parseIsoTime("0050-01-01T00:00:00Z"), Date.parse("0050-01-01T00:00:00Z"));
});

test("what is no ISO time is not guessed at", (assert) => {
  const texts = ["", "1", "2023-02-29", "2023-00-01", "2023-13-01", "2023-04-31", "2024-02-29T24:00Z", "2024-02-29T12:60Z", "2024-02-29T12:00:60Z", "2024-2-9", "Feb 29 2024", "2024-02-29T12", "2024-02-29T12:00:00+25:00", "-000000-01-01", "+300000-01-01", "2024-02-29x"];
  for (const text of texts) assert.is(parseIsoTime(text), undefined, text);
  assert.is(parseIsoDay("2024-02-29T00:00:00Z"), undefined);
});
