// What `npm start` serves.
import { defineConfig } from "plait";

export default defineConfig({
  name: "echo",
  entry: "./services/echo.ts",
  listen: "127.0.0.1:8080",
  topology: { processes: 2, threads: 2, coroutines: 10_000 },
});
