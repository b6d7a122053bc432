/** The version of the package. */
import { readFileSync } from "node:fs";

/** Read from package.json beside dist/ or src/: one place says it. */
export function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
