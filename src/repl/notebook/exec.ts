/** Lines of the command language in a cell. */
import { UsageError, type Session as EngineSession } from "../../engine/index.js";
import { Shown, escapeHtml } from "./display.js";

/** What lines of the command language answered. */
export class Answers extends Shown {
  constructor(readonly lines: readonly string[]) {
    super();
  }

  override toString(): string {
    return this.lines.join("\n");
  }

  override toHtml(): string {
    return `<pre>${escapeHtml(this.toString())}</pre>`;
  }
}

export async function runLines(_engine: EngineSession, lines: string): Promise<Answers> {
  throw new UsageError(`exec(${JSON.stringify(lines)}) waits for the command language`);
}
