// Importing this file ends the program with one line when the running Node is too old for Plait.
// Plain JavaScript that old Nodes can parse: import it first, and the rest of the program dynamically.
const [major, minor] = process.versions.node.split(".").map(Number);
const supported = (major === 24 && minor >= 20) || (major === 26 && minor >= 6) || major > 26;

if (!supported) {
  process.stderr.write(
    `Plait needs Node ^24.20 || >=26.6 and this is Node ${process.versions.node}: install a newer one from https://nodejs.org, ` +
      "or, in a clone of Plait, start it with an npm script, which brings its own Node.\n",
  );
  process.exit(1);
}
