// Exports nothing that serves.
export const connection = () => {};
