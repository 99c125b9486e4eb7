// An Express application.
import { createServer } from "node:http";
import express from "express";

const app = express();
app.get("/hello/:name", (request, response) => {
  response.json({ hello: request.params.name });
});
export default createServer(app);
