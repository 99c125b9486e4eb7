// A plain HTTP server as a service: Plait hosts it unchanged.
import type { Server } from "node:http";
import { httpServer } from "../http-server.ts";

const server: Server = httpServer();

export default server;
