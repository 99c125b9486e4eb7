// What a thread of a process needs to accept connections by itself, without the code that runs processes.
export { Acceptor, type AcceptorOptions, acceptingServer, listening } from "./acceptor.ts";
export { type Loan, takeLoan } from "./lent-descriptors.ts";
export { ScoreboardBlock } from "./scoreboard.ts";
export { SCOREBOARD } from "./wire.ts";
