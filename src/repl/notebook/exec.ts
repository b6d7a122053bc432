/** Lines of the command language in a cell: the same words as at the prompt, by the same shell. */
import { fromPlain, type Session as EngineSession } from "../../engine/index.js";
import { Shell } from "../language/shell.js";
import { createTheme } from "../output/theme.js";
import { userPaths } from "../paths.js";
import { viewStyle } from "../views/style.js";
import { escapeHtml, Shown } from "./display.js";
import { unregister } from "./open-sessions.js";

const WIDTH = 140;

/** What lines of the command language answered: their text as at the prompt. */
export class Answers extends Shown {
  /** @internal */
  constructor(
    /** The answers' lines. */
    readonly lines: readonly string[],
    /** What commands that look have seen, one each, as the engine gives it. */
    readonly values: readonly unknown[],
  ) {
    super();
  }

  override toString(): string {
    return this.lines.join("\n");
  }

  override toHtml(): string {
    return `<pre>${escapeHtml(this.toString())}</pre>`;
  }
}

/** A session's shell lives as long as the session: an empty line repeats the last step, and `script` knows what was done. */
const shells = new WeakMap<EngineSession, Shell>();

/** `quit` ends the session, as leaving the prompt does. */
export async function runLines(engine: EngineSession, lines: string): Promise<Answers> {
  const style = viewStyle(engine, createTheme({ color: false, ascii: false }), WIDTH);
  let shell = shells.get(engine);
  if (shell === undefined)
    shells.set(engine, (shell = new Shell({ session: engine, style, paths: userPaths(process.env) })));
  const shown: string[] = [];
  const values: unknown[] = [];
  for (const line of lines.split("\n")) {
    const answers = await shell.execute(line);
    for (const { lines: text, value, error } of answers) {
      if (error !== undefined) throw fromPlain(error);
      shown.push(...text);
      if (value !== undefined) values.push(value);
    }
    if (shell.ended) {
      unregister(engine);
      await engine.dispose();
      return new Answers([...shown, "the session has been ended"], values);
    }
  }
  return new Answers(shown, values);
}
