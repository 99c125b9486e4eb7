// A default export without a connection function.
export default { connect() {} };
