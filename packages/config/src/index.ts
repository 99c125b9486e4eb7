// The deployment's schema, defaults and files.
export {};
