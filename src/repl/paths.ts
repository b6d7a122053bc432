/** Where bardeck keeps things for this user: the XDG base directories. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

export interface UserPaths {
  readonly config: string;
  readonly cache: string;
  readonly state: string;
  /** Where a log goes when none is named; nothing is written there unless asked for. */
  readonly log: string;
}

/** The folders for `env`. A variable that is empty or no absolute path is ignored, as the specification wants. */
export function userPaths(env: Readonly<Record<string, string | undefined>>, home: string = homedir()): UserPaths {
  const base = (variable: string, fallback: string): string => {
    const value = env[variable];
    return join(value && isAbsolute(value) ? value : join(home, fallback), "bardeck");
  };
  const state = base("XDG_STATE_HOME", ".local/state");
  return {
    config: base("XDG_CONFIG_HOME", ".config"),
    cache: base("XDG_CACHE_HOME", ".cache"),
    state,
    log: join(state, "bardeck.log"),
  };
}
