import type { Log } from "../log.js";
import type { Transport } from "../transport/transport.js";

/** Tells the operator what happens to the connection. */
export function logConnection(transport: Transport, log: Log): void {
  transport.watch((event) => {
    switch (event.type) {
      case "disconnected":
        return log(`lost the connection to ${event.server}; trying to get it back`);
      case "reconnected":
        return log(`connected to ${event.server} again`);
      case "refused":
        return log(event.error.message);
      case "message-lost":
        return log(`a message on ${event.subject} is lost: ${event.error.message}`);
      case "closed":
        if (event.reason !== undefined) log(`the connection is closed: ${event.reason.message}`);
        return;
    }
  });
}
