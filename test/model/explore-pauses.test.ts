import { PAUSED_CHECKS } from "./bounds.js";
import { exploreAll } from "./explore-all.js";

exploreAll(PAUSED_CHECKS);
