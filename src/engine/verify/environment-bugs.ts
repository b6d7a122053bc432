/** The seeded bugs a shell has switched on, to see that `verify` can fail: a test hook. */
import { UsageError } from "../errors.js";
import { SEEDED_BUGS, type SeededBug } from "../protocol/bugs.js";

/** Those of BARDECK_SEEDED_BUG. Throws a `UsageError` for one that does not exist. */
export function bugsOfEnvironment(): SeededBug[] {
  const names = (process.env.BARDECK_SEEDED_BUG ?? "").split(",").filter((name) => name !== "");
  const unknown = names.filter((name) => !(name in SEEDED_BUGS));
  if (unknown.length > 0)
    throw new UsageError(
      `BARDECK_SEEDED_BUG: no seeded bug is named ${unknown.join(", ")}`,
      `there are ${Object.keys(SEEDED_BUGS).join(", ")}`,
    );
  return names as SeededBug[];
}
