// An Express application.
import { createServer } from "node:http";
import express from "express";

const app = express();
app.get("/hello/:name", (request, response) => {
  response.json({ hello: request.params.name });
});
app.get("/ip", (request, response) => {
  response.send(request.ip);
});
export default createServer(app);
