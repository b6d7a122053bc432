import { STRAIGHT_CHECKS } from "./bounds.js";
import { exploreAll } from "./explore-all.js";

exploreAll(STRAIGHT_CHECKS);
