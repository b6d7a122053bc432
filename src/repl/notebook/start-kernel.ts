/** What a kernel.json starts: `node start-kernel.js {connection_file}`. */
import { startTslab } from "./tslab.js";

startTslab(process.argv[2]);
