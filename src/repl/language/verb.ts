/** What a row of the table of verbs is, and what comes of a command: plain data. */
import type { PlainError, Session, Stop } from "../../engine/index.js";
import type { UserPaths } from "../paths.js";
import type { ViewStyle } from "../views/style.js";
import type { Arguments, Usage } from "./arguments.js";

/** A command as plain data: `step 2 phase` is `{ verb: "step", words: ["2", "phase"] }`. */
export interface Command {
  /** Name of a verb, in full. */
  readonly verb: string;
  readonly words: readonly string[];
}

/** The answer to a command: exactly one each, in order. */
export interface Answer {
  /** The command with its verb in full, as it can be written again. */
  readonly command: string;
  /** For people; nothing in it needs to be escaped. */
  readonly lines: readonly string[];
  /** Of commands that move. */
  readonly stop?: Stop;
  /** What a command that looks has seen, as the session gave it. */
  readonly value?: unknown;
  readonly error?: PlainError;
  /** What a program that ends with this answer returns. */
  readonly exitCode: number;
}

/** What a verb has done. */
export interface Outcome {
  readonly lines: readonly string[];
  readonly stop?: Stop;
  readonly value?: unknown;
  readonly error?: PlainError;
  /** How a script does it again; the command itself when absent. Only for verbs that change something. */
  readonly replay?: Command;
  /** 0 when absent. */
  readonly exitCode?: number;
}

/** What verbs may ask of the shell that carries them out. */
export interface ShellPort {
  readonly style: ViewStyle;
  readonly paths: UserPaths;
  readonly signal: AbortSignal;
  /** Lines that explain all verbs, or one. */
  help(verb?: string): string[];
  /** This session as lines that replay it. */
  script(): string[];
  /** Carries out the lines of a file. Returns how many commands there were. */
  source(file: string): Promise<number>;
  /** Takes no more lines. */
  quit(): void;
}

/**
 * What a verb is to a session: `moves` it and answers with a stop; `sets` something about it; `looks` and changes nothing;
 * `results` go to a file; `shell` concerns the shell alone. Scripts record the first two.
 */
export type VerbKind = "moves" | "sets" | "looks" | "results" | "shell";

/** What a word of the arguments can be, for completion. */
export type ArgumentKind =
  | "unit"
  | "symbol"
  | "thread"
  | "stepWord"
  | "topic"
  | "condition"
  | "time"
  | "mark"
  | "breakpoint"
  | "measure"
  | "watch"
  | "speed"
  | "mode"
  | "interval"
  | "eventKind"
  | "lastWord"
  | "exportKind"
  | "verb";

/** A key of the dashboard. */
export interface KeyBinding {
  readonly key: string;
  /** The command it stands for. */
  readonly command: string;
  /** A number typed before the key is the command's count. */
  readonly repeatable?: true;
  /** Only while the session plays, or only while it stands; always when absent. */
  readonly when?: "playing" | "standing";
  /** What the command does, where its words do not say it. */
  readonly about?: string;
}

/** A row of the table of verbs. */
export interface Verb extends Usage {
  readonly kind: VerbKind;
  /** Fixed short names, each with the words it adds: `n` is `step` with `phase` added. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
  /** One sentence. */
  readonly about: string;
  /** An empty line repeats it. */
  readonly repeats?: true;
  readonly keys?: readonly KeyBinding[];
  /** What each word of the arguments can be; the last entry also stands for all that follow. */
  readonly takes?: readonly (readonly ArgumentKind[])[];
  readonly run: (session: Session, args: Arguments, shell: ShellPort) => Outcome | Promise<Outcome>;
}

/** A row of a table within a verb: what `info` shows, what `export` writes. */
export interface Topic extends Omit<Verb, "kind" | "aliases" | "repeats" | "keys" | "example"> {
  /** A short name that debuggers have for it, though other topics begin like that. */
  readonly alias?: string;
}
