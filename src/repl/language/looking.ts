/** Verbs that look: `info`, and what the session says about itself. They change nothing. */
import type { Session } from "../../engine/index.js";
import { stateLines } from "../views/state-text.js";
import { escapedLines } from "../views/style.js";
import { Arguments } from "./arguments.js";
import { pickWord } from "./pick.js";
import { TOPICS } from "./topics.js";
import type { Outcome, ShellPort } from "./verb.js";

/** Alone: where the session stands. */
export function info(session: Session, args: Arguments, shell: ShellPort): Outcome | Promise<Outcome> {
  if (args.left === 0) {
    const value = session.state();
    return { value, lines: stateLines(value, shell.style) };
  }
  const names = TOPICS.map((topic) => topic.name);
  const word = args.word("a topic");
  const short = TOPICS.find(({ alias }) => alias === word.toLowerCase());
  const name = short?.name ?? pickWord(word, names, "topic of info");
  const topic = TOPICS[names.indexOf(name)];
  const usage = { name: `info ${name}`, form: topic.form, example: exampleOf(topic.form, name, session) };
  return topic.run(session, new Arguments(usage, args.words.slice(1)), shell);
}

/** `info bars SPY`: with a symbol there is, where the form wants one. */
function exampleOf(form: string, name: string, { info: { catalog } }: Session): string {
  return form.startsWith("SYM") ? `info ${name} ${catalog.symbols[0] ?? "SPY"}` : `info ${name}`;
}

export function why(session: Session, args: Arguments): Outcome {
  args.end();
  const value = session.why();
  return { value, lines: escapedLines(value) };
}

/** A broken invariant is a fault of the program: exit 1. */
export function check(session: Session, args: Arguments, { style: { theme } }: ShellPort): Outcome {
  args.end();
  const broken = session.check();
  if (broken.length === 0) return { value: broken, lines: [theme.good("every invariant that can be seen holds")] };
  return { value: broken, lines: escapedLines(broken).map((text) => `${theme.bad("broken:")} ${text}`), exitCode: 1 };
}

export function digest(session: Session, args: Arguments): Outcome {
  args.end();
  const value = session.digest();
  return { value, lines: [value] };
}
