/** Commands that a later issue builds. */
import { UsageError } from "../../engine/index.js";

/** Says so, as a usage error (exit 2). */
export function refuse(what: string): Promise<never> {
  return Promise.reject(new UsageError(`${what} is not built yet`, "bardeck run DATA and bardeck inspect DATA are"));
}
