/** Places with a name, and the times and names that commands are told. */
import { nearestName } from "../nearest-name.js";
import { UsageError } from "../errors.js";
import type { SessionPlan } from "../plan.js";
import type { Place } from "../protocol/places.js";
import { describePlace } from "./describe.js";
import type { MainSide } from "./main-side.js";
import type { Mark } from "./types.js";
import { placeOfTime } from "./when.js";

const MOST_MARKS = 1000;

export class Marks {
  private readonly places = new Map<string, Place>();

  constructor(
    private readonly plan: SessionPlan,
    private readonly side: MainSide,
  ) {}

  /** Names the present place. */
  set(name: string): Mark {
    if (!/^[A-Za-z_][\w-]*$/.test(name))
      throw new UsageError(`${JSON.stringify(name)} is no name for a mark`, "letters, digits, - and _, a letter first");
    if (this.places.size >= MOST_MARKS)
      throw new UsageError(`there are ${MOST_MARKS} marks already`, "use a name again");
    const place = this.side.presentPlace();
    this.places.set(name, place);
    return this.told(name, place);
  }

  list(): Mark[] {
    return [...this.places].map(([name, place]) => this.told(name, place));
  }

  /** A time, or the name of a mark. */
  placeOf(target: string | number): Place {
    const mark = typeof target === "string" ? this.places.get(target.trim()) : undefined;
    if (mark) return mark;
    if (typeof target === "string" && /^[A-Za-z_]/.test(target.trim())) {
      const near = nearestName(target.trim(), [...this.places.keys()]);
      const hint = near ? `did you mean ${near}?` : "set one with mark, or go to a time like 15:58";
      throw new UsageError(`there is no mark ${JSON.stringify(target.trim())}`, hint);
    }
    return placeOfTime(this.plan, target, this.side.epoch);
  }

  private told(name: string, place: Place): Mark {
    return { name, ...describePlace(this.plan, this.side.shape, place) };
  }
}
