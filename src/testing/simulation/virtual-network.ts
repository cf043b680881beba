import type { Random } from "./random.js";
import { isOrderly, type Scenario } from "./scenario.js";
import type { VirtualTime } from "./virtual-time.js";

/** What a message takes where nothing disturbs the order. */
const ORDERLY_MILLIS = 10;

type Deliver = () => void;

/** Carries messages as a bad network does: some are lost, some come twice, late, or after later ones. A good one keeps their order. */
export class VirtualNetwork {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #scenario: Scenario;
  /** Of this instant, by sender and receiver. */
  readonly #posted = new Map<string, Deliver[]>();

  constructor(time: VirtualTime, random: Random, scenario: Scenario) {
    this.#time = time;
    this.#random = random;
    this.#scenario = scenario;
  }

  /** Where letters are shared, those that go the same way in one instant are one message: what befalls one befalls all. */
  post(way: string, deliver: Deliver): void {
    if (!this.#scenario.sharedMessages) return this.#carry(deliver);
    const letters = this.#posted.get(way);
    if (letters !== undefined) return void letters.push(deliver);
    const all = [deliver];
    this.#posted.set(way, all);
    this.#time.after(0, () => {
      this.#posted.delete(way);
      this.#carry(() => {
        for (const each of all) each();
      });
    });
  }

  #carry(deliver: Deliver): void {
    const { loss, duplication, delay, calmAt } = this.#scenario;
    const calm = this.#time.now >= calmAt;
    if (!calm && this.#random.chance(loss)) return;
    const copies = !calm && this.#random.chance(duplication) ? 2 : 1;
    if (isOrderly(this.#scenario)) return this.#time.after(ORDERLY_MILLIS, deliver);
    for (let copy = 0; copy < copies; copy++) {
      const slow = !calm && this.#random.chance(delay);
      this.#time.after(slow ? this.#random.between(100, 8_000) : this.#random.between(1, 20), deliver);
    }
  }
}
