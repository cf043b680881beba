/** Cuts each user's events into sessions: a pause of half an hour ends one. The events arrive in the order of time. */
import { csv, defineJob, t, tsv } from "millrace";

const PAUSE = 30 * 60 * 1000;

export default defineJob({
  name: "sessions",
  input: tsv({ user: t.utf8(), at: t.int64({ as: "number" }), action: t.utf8() }),
  key: t.utf8(),
  value: t.struct({ at: t.int64({ as: "number" }), action: t.utf8() }),
  map({ user, at, action }, emit) {
    emit(user, { at, action });
  },
  sortValues: true,
  reduce(user, events, emit) {
    let session: { user: string; start: Date; end: Date; events: number } | undefined;
    for (const { at } of events) {
      if (session !== undefined && at - session.end.getTime() >= PAUSE) {
        emit(session);
        session = undefined;
      }
      session ??= { user, start: new Date(at), end: new Date(at), events: 0 };
      session.end = new Date(at);
      session.events++;
    }
    if (session !== undefined) emit(session);
  },
  output: csv({ user: t.utf8(), start: t.timestamp(), end: t.timestamp(), events: t.int32() }),
});
