// A module that fails while it is being imported.
throw new Error("no database configured");
