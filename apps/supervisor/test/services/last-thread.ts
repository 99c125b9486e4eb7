// A placement: every connection to the thread with the highest number.
import type { Placement } from "plait";

const lastThread: Placement = (candidates) => candidates.at(-1);
export default lastThread;
