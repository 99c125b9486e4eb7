// A service whose start can't be called.
export default { connection() {}, start: 5 };
