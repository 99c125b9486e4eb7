// Run as a program: loads a service the way a thread does, without the test runner's own module loader in between.
import { openServiceHost } from "@plait/net";

try {
  await openServiceHost(process.argv[2] as string, { unit: "p1.t1" });
  console.log(JSON.stringify({ loaded: true }));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const { name, message, cause } = error;
  console.log(JSON.stringify({ ...error, name, message, cause: String(cause) }));
}
