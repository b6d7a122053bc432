/**
 * Many asynchronous tasks, a few at a time, their results taken in order: reading ahead without
 * letting the order of arrival show anywhere.
 */

/**
 * Runs `task` on each item, at most `limit` at once, and `take`s the results in the order of the items.
 * The first failure in that order is thrown, after the tasks under way have settled, so nothing is left running.
 */
export async function inOrder<Item, Result>(
  items: readonly Item[],
  limit: number,
  task: (item: Item, index: number) => Promise<Result>,
  take: (result: Result, index: number) => void | Promise<void>,
): Promise<void> {
  const running: Array<Promise<Result>> = [];
  let started = 0;
  try {
    for (let i = 0; i < items.length; i++) {
      for (; started < items.length && started < i + limit; started++) {
        const promise = task(items[started], started);
        // A later task may fail while an earlier one is awaited; it is reported when its turn comes.
        promise.catch(() => undefined);
        running.push(promise);
      }
      await take(await running.shift()!, i);
    }
  } finally {
    await Promise.allSettled(running);
  }
}
