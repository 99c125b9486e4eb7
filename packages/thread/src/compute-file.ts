// Where the first module of a compute thread is. In this folder, built or not: an address is one of where it is asked for.
import { fileURLToPath } from "node:url";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

export const computeMain: string = fileURLToPath(new URL(`./compute-main.${extension}`, import.meta.url));
