/** Where a session stands, as its answers tell it. */
import type { Stop } from "./types.js";

export type Standing = Omit<Stop, "reason" | "why" | "breakpoints" | "client" | "command">;
