/** Keeps the few worst of many, without keeping the many. */
export class Worst<Item> {
  private readonly items: Item[] = [];

  /** @param worse negative when the first is worse; decides among equals too, so that the result is the same each time */
  constructor(
    private readonly most: number,
    private readonly worse: (a: Item, b: Item) => number,
  ) {}

  add(item: Item): void {
    const { items, most, worse } = this;
    if (items.length === most && worse(items[most - 1], item) <= 0) return;
    let at = items.length;
    while (at > 0 && worse(items[at - 1], item) > 0) at--;
    items.splice(at, 0, item);
    if (items.length > most) items.pop();
  }

  /** The worst first. */
  get all(): readonly Item[] {
    return this.items;
  }
}
