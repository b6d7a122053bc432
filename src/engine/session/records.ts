/** Saved runs of a session, and where they part. */
import type { Engine } from "./engine.js";
import type { Difference, Session } from "./types.js";

export class Records {
  constructor(private readonly engine: Engine) {}

  async save(_client: string, _file: string): Promise<number> {
    throw new Error(`bardeck bug: saving is not wired for ${this.engine.plan.calendarName}`);
  }
  async diff(_client: string, _other: string | Session): Promise<Difference> {
    throw new Error("bardeck bug: comparing is not wired");
  }
}
