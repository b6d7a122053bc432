/** For what can only be wrong by a bug of ours. Bad input gets an error from errors.ts instead. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bardeck bug: ${message}`);
}
