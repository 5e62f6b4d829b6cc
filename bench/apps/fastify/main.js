// Fastify's program, as its documentation writes these: schemas for what comes in and for what goes out.
// Run as `node main.js WORKLOAD PORT`.
"use strict";

const fastify = require("fastify")();
const [workload, port] = process.argv.slice(2);
const ROUTES = 200;

const text = { type: "string" };
const whole = { type: "integer" };
const real = { type: "number" };
const object = (properties, required = Object.keys(properties)) => ({ type: "object", properties, required });

const item = object({ id: whole, name: text, price: real, tags: { type: "array", items: text } });
const line = object({ sku: text, quantity: whole, price: real });
const address = object({ street: text, city: text, zip: text });
const order = object(
  {
    customer: text,
    email: text,
    address,
    lines: { type: "array", items: line },
    note: { type: ["string", "null"] },
  },
  ["customer", "email", "address", "lines"],
);
const list = Array.from({ length: 100 }, (_, n) => ({ id: n, name: `item ${n}`, price: n + 0.5, tags: ["new", "blue"] }));

const declare = {
  json() {
    fastify.get("/json", async () => ({ message: "hello" }));
  },
  items() {
    const querystring = object({ q: text, limit: { type: "integer", minimum: 1, default: 10 } }, ["q"]);
    const schema = { params: object({ item_id: whole }), querystring, response: { 200: item } };
    fastify.get("/items/:item_id", { schema }, async ({ params, query }) => ({
      id: params.item_id,
      name: query.q,
      price: query.limit + 0.5,
      tags: ["new"],
    }));
  },
  orders() {
    fastify.post("/orders", { schema: { body: order, response: { 200: order } } }, async ({ body }) => body);
  },
  list() {
    fastify.get("/list", { schema: { response: { 200: { type: "array", items: item } } } }, async () => list);
  },
  many() {
    const schema = { params: object({ item_id: whole }), response: { 200: object({ id: whole }) } };
    for (let number = 0; number < ROUTES; number += 1) {
      fastify.get(`/kind${number}/:item_id`, { schema }, async ({ params }) => ({ id: params.item_id }));
    }
  },
};

declare[workload]();
fastify.listen({ host: "127.0.0.1", port: Number(port) });
process.on("SIGTERM", () => process.exit(0));
