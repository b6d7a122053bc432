/**
 * Carries out lines for one client of a session: parses, runs, records, and gives every command its one answer. Knows no
 * terminal and writes nothing: whoever reads the lines shows the answers.
 */
import { escapeName, plainError, UsageError, type Session } from "../../engine/index.js";
import type { UserPaths } from "../paths.js";
import type { ViewStyle } from "../views/style.js";
import { Arguments } from "./arguments.js";
import { helpLines, verbHelpLines } from "./help.js";
import { formatCommand, parseLine } from "./parse.js";
import { Script } from "./script.js";
import { readSource, SourceError } from "./source-file.js";
import type { Answer, Command, Outcome, ShellPort } from "./verb.js";
import { verbNamed } from "./verbs.js";

export interface ShellOptions {
  readonly session: Session;
  readonly style: ViewStyle;
  readonly paths: UserPaths;
  /** Ends what takes long and is not the session's, e.g. an export. */
  readonly signal?: AbortSignal;
  /** The first lines of a script: how the session was opened. */
  readonly preamble?: readonly string[];
}

/** Told each answer as soon as it is there; the next command waits until it has been taken. */
export type Tell = (answer: Answer) => void | Promise<void>;

/** Characters shown of commands that were left out. */
const LONGEST_LEFT_OUT = 200;
/** Files that carry out files. */
const DEEPEST_SOURCE = 10;

/**
 * A prompt without a terminal.
 *
 * @example
 * const shell = new Shell({ session, style, paths });
 * const [answer] = await shell.execute("until 15:58");
 * console.log(answer.lines.join("\n"));
 */
export class Shell {
  private readonly script: Script;
  private repeated: readonly Command[] = [];
  private movesUnderWay = 0;
  /** Resolves when the move that began last has been answered. */
  private moves: Promise<void> = Promise.resolve();
  private quitting = false;

  constructor(private readonly options: ShellOptions) {
    this.script = new Script(options.style.clock);
  }

  /** True after `quit`. */
  get ended(): boolean {
    return this.quitting;
  }

  /** True while a command of this client moves the session. */
  get moving(): boolean {
    return this.movesUnderWay > 0;
  }

  /**
   * Carries out the commands of a line, one after the other, each when the one before it has been answered. After an
   * error, and after a move that was cut short by another command, the rest of the line is left out. An empty line repeats the last
   * step or continue. Lines may overlap: what looks or sets works while another line moves, and a move supersedes it.
   *
   * Never rejects because of a command: its error is in the answer. Rejects when `tell` does.
   */
  async execute(line: string, tell: Tell = () => {}): Promise<Answer[]> {
    const answers: Answer[] = [];
    const keep = async (answer: Answer): Promise<void> => {
      answers.push(answer);
      await tell(answer);
    };
    await this.run(line, keep, []);
    return answers;
  }

  /** True when all of it was carried out. `files` are those that are being carried out, outermost first. */
  private async run(line: string, tell: Tell, files: readonly string[]): Promise<boolean> {
    let commands: readonly Command[];
    try {
      commands = line.trim() === "" && files.length === 0 ? this.repeated : parseLine(line);
    } catch (error) {
      const answer = failed(line.trim(), error);
      await tell(line.includes(";") ? { ...answer, lines: ["nothing of this line has been carried out"] } : answer);
      return false;
    }
    for (const [i, command] of commands.entries()) {
      const answer = await this.carryOut(command, commands.slice(i + 1), tell, files);
      if (endsLine(answer) || this.quitting) return false;
    }
    return true;
  }

  /**
   * Moves are told in the order in which they began, also where one has superseded the other. The answer after which `rest` of the line
   * is left out says so.
   */
  private async carryOut(
    command: Command,
    rest: readonly Command[],
    tell: Tell,
    files: readonly string[],
  ): Promise<Answer> {
    const isMove = verbNamed(command.verb).kind === "moves";
    const before = this.moves;
    let done = (): void => {};
    if (isMove) {
      this.moves = new Promise((resolve) => (done = resolve));
      this.movesUnderWay++;
    }
    try {
      const answer = await this.answer(command, tell, files, isMove ? before : undefined);
      const told =
        endsLine(answer) && rest.length > 0 ? { ...answer, lines: [...answer.lines, leftOut(rest)] } : answer;
      await tell(told);
      return told;
    } finally {
      if (isMove) this.movesUnderWay--;
      done();
    }
  }

  private async answer(
    command: Command,
    tell: Tell,
    files: readonly string[],
    before: Promise<void> | undefined,
  ): Promise<Answer> {
    const verb = verbNamed(command.verb);
    const text = formatCommand(command);
    if (verb.repeats && files.length === 0) this.repeated = [command];
    const changesBefore = this.script.changes;
    try {
      const args = new Arguments(verb, command.words);
      const outcome = await verb.run(this.options.session, args, this.port(tell, files));
      await before;
      this.script.record(verb, command, outcome, changesBefore);
      return answered(text, outcome);
    } catch (error) {
      await before;
      return failed(text, error);
    }
  }

  private port(tell: Tell, files: readonly string[]): ShellPort {
    const { style, paths, signal = new AbortController().signal, preamble = [] } = this.options;
    return {
      style,
      paths,
      signal,
      help: (verb) => (verb === undefined ? helpLines(style.theme) : verbHelpLines(verb, style.theme)),
      script: () => [...preamble, ...this.script.lines()],
      source: (file) => this.source(file, tell, files),
      quit: () => (this.quitting = true),
    };
  }

  /** The error of a line is told once, by the command that names the file. */
  private async source(file: string, tell: Tell, files: readonly string[]): Promise<number> {
    if (files.length >= DEEPEST_SOURCE)
      throw new UsageError(
        `source: ${escapeName(file)} is the ${files.length + 1}th file within a file`,
        "does a file carry out itself?",
      );
    let commands = 0;
    for (const { line, number } of await readSource(file)) {
      const told: Tell = async (answer) => {
        if (answer.error !== undefined) throw new SourceError(file, number, answer.error);
        commands++;
        await tell(answer);
      };
      if (!(await this.run(line, told, [...files, file]))) break;
    }
    return commands;
  }
}

/** What follows on the line was meant for another place or state. */
function endsLine(answer: Answer): boolean {
  return answer.error !== undefined || wasCutShort(answer);
}

/** `not carried out: digest; step 2 phase`. */
function leftOut(rest: readonly Command[]): string {
  return escapeName(`not carried out: ${rest.map(formatCommand).join("; ")}`.slice(0, LONGEST_LEFT_OUT));
}

/** Another command, or the end, came between: what was to follow does not fit the place any more. */
function wasCutShort({ command, stop }: Answer): boolean {
  if (stop === undefined || command === "pause") return false;
  return stop.reason === "paused" || stop.reason === "superseded" || stop.reason === "stopped";
}

function answered(command: string, { lines, stop, value, error, exitCode = 0 }: Outcome): Answer {
  return {
    command,
    lines,
    ...(stop ? { stop } : {}),
    ...(value === undefined ? {} : { value }),
    ...(error ? { error } : {}),
    exitCode,
  };
}

function failed(command: string, thrown: unknown): Answer {
  const error = plainError(thrown);
  return { command, lines: [], error, exitCode: error.exitCode };
}
