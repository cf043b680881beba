import test from "ava";
import { UsageError } from "../errors.js";
import { inboxPrefixOf, natsAddress, openServerWarning } from "./nats-options.js";

test("a url gives servers, who connects, and whether over TLS", (t) => {
  const table: Readonly<Record<string, object>> = {
    "nats://h:1": { servers: ["h:1"], shown: "nats://h:1", tls: false },
    "nats://h": { servers: ["h:4222"], shown: "nats://h:4222", tls: false },
    h: { servers: ["h:4222"], shown: "nats://h:4222", tls: false },
    "10.0.0.1:5": { servers: ["10.0.0.1:5"], shown: "nats://10.0.0.1:5", tls: false },
    "nats://[::1]:5": { servers: ["[::1]:5"], shown: "nats://[::1]:5", tls: false },
    "tls://a:1, tls://b:2": { servers: ["a:1", "b:2"], shown: "tls://a:1,tls://b:2", tls: true },
    "nats://me:p%40ss%2Fw@h:1": { servers: ["h:1"], shown: "nats://h:1", tls: false, user: "me", password: "p@ss/w" },
    "tls://t0ken@h": { servers: ["h:4222"], shown: "tls://h:4222", tls: true, token: "t0ken" },
    "nats://me:secret@a,nats://b": { servers: ["a:4222", "b:4222"], shown: "nats://a:4222,nats://b:4222", tls: false, user: "me", password: "secret" },
  };
  for (const [url, address] of Object.entries(table)) t.deepEqual(natsAddress({ url }) as object, address, url);
});

test("options outweigh the url", (t) => {
  t.like(natsAddress({ url: "nats://a:b@h", user: "me", password: "mine" }), { user: "me", password: "mine" });
  t.deepEqual(natsAddress({ url: "nats://a:b@h", token: "t" }), { servers: ["h:4222"], shown: "nats://h:4222", tls: false, token: "t" });
});

test("what is no NATS url is refused without showing its secrets", (t) => {
  for (const url of ["", "http://h", "nats://", "nats://me:secret@", "nats://me:sec/ret#@h:x", "ws://me:secret@h", "nats://h:99999"]) {
    const error = t.throws(() => natsAddress({ url }), { instanceOf: UsageError }, url);
    t.notRegex(error.message, /secret|sec\/ret/, url);
  }
});

test("an inbox is one token for each user", (t) => {
  t.is(inboxPrefixOf(undefined), "_INBOX");
  t.is(inboxPrefixOf("worker-w1"), "_INBOX.worker-w1");
  t.is(inboxPrefixOf("a.b*c> d"), "_INBOX.a_b_c__d");
});

test("a server that anybody can reach without a password is worth a warning", (t) => {
  const warning = (url: string, asks: boolean): string | undefined => openServerWarning(natsAddress({ url }), asks);
  t.regex(warning("nats://me:secret@nats.example:1", false)!, /^The NATS server at nats:\/\/nats\.example:1 asks for no password/);
  t.regex(warning("127.0.0.1,10.0.0.1", false)!, /asks for no password/);
  t.is(warning("nats://nats.example:1", true), undefined);
  for (const local of ["127.0.0.1", "localhost:1", "nats://[::1]:1", "127.0.0.1:1,127.1.1.1:2"]) t.is(warning(local, false), undefined, local);
});
