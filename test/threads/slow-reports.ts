/**
 * A crew whose reports reach main late: what upkeep has told waits at a gate until the test opens it. So the moments between a shared word
 * and the message that explains it last as long as a test needs them.
 */
import { Crew } from "../../src/engine/threads/crew.js";
import type { FromUpkeep } from "../../src/engine/threads/messages.js";

export class SlowCrew extends Crew {
  /** Kept back while the gate is shut. */
  readonly waiting: FromUpkeep[] = [];
  private isShut = false;
  private deliver: (message: FromUpkeep) => void = () => {};

  override attach(...[attachment, listeners, spec]: Parameters<Crew["attach"]>): void {
    this.deliver = (message) => listeners.onReport(message);
    const onReport = (message: FromUpkeep): void => {
      if (this.isShut) this.waiting.push(message);
      else this.deliver(message);
    };
    super.attach(attachment, { ...listeners, onReport }, spec);
  }

  shut(): void {
    this.isShut = true;
  }

  open(): void {
    this.isShut = false;
    for (const message of this.waiting.splice(0)) this.deliver(message);
  }
}
