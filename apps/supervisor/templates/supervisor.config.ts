// How the service is deployed. "supervisor check" says what this comes to on a machine.
import { defineConfig } from "plait";

export default defineConfig({
  name: "a-name",
  entry: "./service.ts",
  listen: "an-address",
  topology: { processes: "auto", threads: "auto" },
});
