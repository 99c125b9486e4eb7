import { serve as serveHono } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { describe, expect, it } from "vitest";
import { recipeFor } from "../src/recipes.ts";

describe("an application in place of a server", () => {
  it.each([
    ["an Express", express(), "`createServer(app)`"],
    ["a Koa", new Koa(), "`createServer(app.callback())`"],
    ["a Fastify", fastify(), "`app.server`"],
    ["a Hono", new Hono(), "`createAdaptorServer(app)`"],
  ])("is known, with what to export instead: %s application", (kind, app, recipe) => {
    expect(recipeFor(app)).toContain(`exports ${kind} application`);
    expect(recipeFor(app)).toContain(recipe);
  });

  it.each([[undefined], [null], [42], [{}], [() => {}], [{ connection() {} }]])("is not seen in %o", (exported) => {
    expect(recipeFor(exported)).toBeUndefined();
  });

  it("is not needed for what Hono's serve() returns: it listens already, which has its own words", async () => {
    const server = serveHono({ fetch: new Hono().fetch, port: 0 });
    expect(recipeFor(server)).toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
  });
});
