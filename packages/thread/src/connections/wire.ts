// What crosses on the port of a thread's connections.
import type { Socket } from "node:net";

/**
 * One connection, to the thread, which owns it from then on: its number, the name of the listener that it was accepted
 * on, when, by whatever clock the caller has, and its socket. A tuple: the names of an object's keys would cross as well.
 */
export type HandedConnection = readonly [id: number, listener: string, acceptedAt: number | undefined, socket: Socket];

/** Those that have ended in one turn of the thread's loop: the number and the outcome of each, one after the other. */
export type EndedConnections = readonly (number | string)[];
