// Throws while it is loaded.
throw new Error("the database is not configured");
