import { z } from "zod";
import type { Endpoint } from "./endpoint";
import { problem } from "./problem";

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 description of `endpoints`, made from the schemas that check the calls. */
export function openApi(endpoints: readonly Endpoint[]): Json {
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: "3.1.0",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: {
      title: "Rollcall",
      version: "1",
      description:
        "Who and what can touch the systems, what each can reach and when it last did. Times are RFC 3339 in UTC; lists page by cursor; errors are RFC 9457 problems with a stable code.",
    },
    servers: [{ url: "/api/v1" }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token." },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "rollcall",
          description: "For this site's pages; over https it is called __Host-rollcall.",
        },
      },
      schemas: { Problem: jsonSchema(problem, "output") },
      responses: {
        Problem: {
          description: "Refused, and why.",
          headers: { "X-Request-Id": { schema: { type: "string" } } },
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    },
  };
}

function operation(endpoint: Endpoint): Json {
  const { method, path, summary, tag, permission, body, safe } = endpoint;
  const asked = permission ? `Needs the permission \`${permission}\`.` : "Needs no permission but to be known.";
  const status = String(endpoint.status ?? 200);
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^a-z]+(\w)?/gi, (_, next: string) => (next ?? "").toUpperCase())}`,
    summary,
    description: [endpoint.description, asked].filter(Boolean).join(" "),
    tags: [tag],
    parameters: [
      ...parameters(endpoint.params, "path"),
      ...parameters(endpoint.query, "query"),
      ...(method === "GET" || safe ? [] : [idempotencyHeader]),
    ],
    ...(body
      ? {
          requestBody: {
            required: !endpoint.bodyOptional,
            content: { "application/json": { schema: jsonSchema(body, "input") } },
          },
        }
      : {}),
    responses: {
      [status]: {
        description: "Done.",
        headers: { "X-Request-Id": { schema: { type: "string" } } },
        content: { "application/json": { schema: jsonSchema(endpoint.answer, "output") } },
      },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

const idempotencyHeader = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "The same key with the same request is given the first answer again, for 24 hours.",
  schema: { type: "string", minLength: 1, maxLength: 200 },
};

function parameters(schema: z.ZodType | undefined, place: "path" | "query"): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input") as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...shape }]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    ...(description ? { description } : {}),
    schema: shape,
  }));
}

// OpenAPI 3.1 takes JSON Schema 2020-12 as it is; only the dates need a word, since JSON has none.
function jsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema: made }) => {
      if (zodSchema._zod.def.type !== "date") return;
      made.type = "string";
      made.format = "date-time";
    },
  });
  return json;
}
