/** What the program returns to the shell (interfaces.md). Errors of the engine bring their own: usage 2, data 3, file 4. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  data: 3,
  inputOutput: 4,
  failIf: 5,
  differs: 6,
  interrupted: 130,
  terminated: 143,
} as const;
