// A service whose dependency is not installed.
const name = "no-such-package";
await import(name);
export default {};
